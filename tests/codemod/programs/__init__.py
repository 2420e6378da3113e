"""Small programs that are made at random: several modules, over one set of models, legacy against converted.

`making` puts a program together, out of values (`values`), ways of bringing them to where they are used (`routines`,
`by_functions`, `by_classes`, `carriers`) and what happens in between (`effects`); `text` holds what is written of it,
`homes` the applications around programs and where their sessions come from. `sides` runs many programs as one application.
`python -m tests.codemod.programs FIRST COUNT` runs more of them than the test does (`__main__`).
"""
