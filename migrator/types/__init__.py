"""Types of receivers: every function is evaluated, over types, until nothing that flows between them changes.

The evaluation is one class in layers, a module each; every layer adds to the one before it:

- what all layers share, and where queries begin: `recorder`, `going_on`, `giving`, `classes_of_queries`, `queries`
- attributes: `mapped_members`, `of_requests`, `members`, `special_methods`
- expressions: `iteration`, `rows_by_name`, `operators`, `of_applications`, `expressions`
- what calls are given, and what comes back: `exposing`, `putting`, `arguments`, `widening`, `refining`, `filling`, `binding`, `callbacks`
- what a call is: `containers`, `setting`, `by_name`, `builtin_calls`, `rendering`, `foreign`, `inherited`,
  `session_methods`, `connections`, `method_calls`, `calls`
- statements: `assignments`, `narrowing`, `patterns`, `managers`, `defining`, `statements`

Around it:

- the fixpoint, what it knows, and how a second run does it again: `analysis`, `state`, `tables`, `facts`,
  `coded`, `journal`, `evaluations`, `course`, `replay`
- types by names and annotations: `names`, `module_names`, `patched`, `telling`, `builtin_names`, `annotations`, `annotated_dicts`, `bound_here`
- joining types, and functions that give what they are given: `lattice`, `agreeing`, `parameters`,
  `around`, `handing_on`, `given_classes`, `mixins`, `changing`, `refiners`
- queries and sessions, told by what they are asked or where they go: `asking`, `besides`, `crossing`, `query_methods`,
  `own_queries`, `classes_of_sessions`, `session_calls`, `repositories`
- code that isn't the repository's: `bases`, `dumping`, `escapes`, `event_loops`, `externals`, `waiting`
- what loops over or sorts: `consumption`, `generator_bodies`, `keys`
"""
