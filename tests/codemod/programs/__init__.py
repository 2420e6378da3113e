"""Small programs that are made at random: several modules, over one set of models, legacy against converted.

`making` puts a program together, out of values (`values`, `refinements`, `statements`, `writes`, `pages`), ways of bringing them to where
they are used (`routines`, `by_functions`, `by_classes`, `visitors`, `apart`, `carriers`) and what happens in between (`effects`, `changes`,
`savepoints`); `text` holds what is written of it. The models are those of a `shop` and, with whatever mappings do by
themselves, of a `library` and a `lab` (`kinds`); `homes` are the applications around programs and where their sessions come from,
one of them with models in the `typed` style, two of them with two databases. `sides` runs many programs as one application.
`python -m tests.codemod.programs FIRST COUNT` runs more of them than the test does (`__main__`).
"""
