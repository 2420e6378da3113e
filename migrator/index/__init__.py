"""What is in the repository: modules, imports, classes, models, functions. Standard library only.

- files, trees and texts: `files`, `source`, `walk`, `written`, `signature`
- what a module defines, and what a name stands for: `definitions`, `binder`, `project`, `roots`, `place`, `by_name`,
  `names`, `spoken`, `lambdas`, `read_at_once`, `open_bases`, `import_order`, `exported`, `installed`, `mro`, `passing`, `fields`
- mapped classes: `models`, `model`, `lazy_names`, `eager_circles`, `hybrids`, `mapping`, `columns`, `keys`, `declared`, `imperative`, `query_classes`, `session_classes`, `compile_listeners`
- code that is no part of the application: `apart`, `scripts`, `beside` (by `git`)
- templates, requirements, settings: `template_files`, `templates`, `template_trees`, `requirements`, `settings_files`
- what of it a second run looks at: `bodies`
"""
