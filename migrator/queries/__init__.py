"""What each query and session method means, as tables over types. Standard library only.

- what a value may be, and what a method does to it: `types`, `spelling`, `join`, `step`, `refusals`
- the front that the analysis asks: `tables`
- a query, from its beginning to its end: `roots`, `chain`, `entities`, `middles`, `options`, `option_entities`,
  `terminals`, `subscripts`, `existence`, `unions`, `after_union`, `writes`, `rows`
- classes of queries of an application's own: `custom`, `listened`
- statements, sessions, connections: `selects`, `sessions`, `executions`, `connections`, `expressions`,
  `removed`
- what extensions add: `helpers`, `own_names`, `earlier_extension`, `extensions`, `lite`
- what holds no query and no object: `plain`
"""
