"""`make demo-rollback`: a bad release of the running local stack, noticed and rolled back.

| module | part                                                                      |
|--------|---------------------------------------------------------------------------|
| broken | a version of a function with a bug that its health event does not show    |
| load   | a small, steady load, and what of it was accepted                         |
| chain  | release it, watch what happens, put everything back                       |
"""
