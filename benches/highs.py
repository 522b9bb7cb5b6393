"""One treatment per item under a limit of hours, solved by HiGHS: seconds and hours' worth saved on standard output.

Input: the limit, the number of items, and for each item a line of pairs "hours saving".
"""

import sys
import time

try:
    import highspy
except ImportError:
    sys.exit("highspy is not installed")

lines = sys.stdin.read().split("\n")
limit, items = float(lines[0]), int(lines[1])
solver = highspy.Highs()
solver.silent()
columns = []
hours = []
for line in lines[2 : 2 + items]:
    figures = [float(figure) for figure in line.split()]
    pairs = list(zip(figures[::2], figures[1::2]))
    chosen = [solver.addBinary(obj=-saving) for _, saving in pairs]
    solver.addConstr(sum(chosen) <= 1)
    columns += chosen
    hours += [hour for hour, _ in pairs]
solver.addConstr(sum(hour * column for hour, column in zip(hours, columns)) <= limit)
solver.setOptionValue("mip_rel_gap", 0.0)
start = time.process_time()
solver.run()
print(time.process_time() - start, -solver.getInfo().objective_function_value)
