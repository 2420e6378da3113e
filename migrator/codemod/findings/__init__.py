"""What a report says: of query sites, of files, and of what no rewriting can make right.

- query sites and files: `sites`, `files`
- what was not seen, or not followed: `lost_imports`, `unseen`, `unlisted`, `queries_put_away`, `modules_in_texts`, `unused_settings`,
  `calls_from_beside`, `defined_beside`
- what waits: `event_loop`, `sleeping_retries`, `alarms`, `apart_from_requests`, `at_once`, `proxies`, `stopped_iterations`
- what both packages have, one process or one database: `begun_twice`, `once_a_process`, `celery_tasks`, `wide_listeners`, `shared_bases`
- of other distributions, other releases, other drivers: `strange_sessions`, `driver_connections`, `earlier_extension`, `earlier_releases`
"""
