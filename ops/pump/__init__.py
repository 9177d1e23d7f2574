"""Plays the part of CloudWatch that the embedded cloud leaves out: logs become metrics.

MiniStack stores metric filters and applies none, takes lines in embedded metric format for
text, and evaluates alarms only when somebody puts a metric. `python -m ops.pump` runs beside one
embedded cloud, started and stopped with it (ops/emulator.py). It reads what is deployed there;
nothing about this project's functions is written into it.

| module    | part                                                                        |
|-----------|-----------------------------------------------------------------------------|
| events    | what is new in the log groups, each event once                              |
| patterns  | filter patterns                                                             |
| filters   | metric filters: matches become values, quiet minutes the default value      |
| emf       | lines in embedded metric format                                             |
| metrics   | values put together, as PutMetricData takes them                            |
| alarms    | what alarms do when data is missing                                         |
| pump      | a round of all of that, and what survives between two rounds                |
| process   | start it, find it, stop it                                                  |
"""
