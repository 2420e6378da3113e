"""The codemod: a folder goes in, a package and a report come out.

- the way through: `convert`, then `outcome`, and for a scan `inventory`
- what becomes of each module: `work`, `taken`, `renaming`, `own_folders`, `threading_names`, `jobs`, in rewriting/ by the rules/
- around the modules: `asgi`, `framework`, `converted`
- what a report says: `finding`, `result`, `places`, `reasons`, `suppress`, `levels`, `order`, `effort`; each finding by itself in findings/
- earlier runs: `cache`, `fingerprint`, `spelling`
- a run by itself: `faults`, `uncollected`

What is written, and how: output/.
"""
