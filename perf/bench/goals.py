"""The goals of perf/goals.tsv, held against what was measured."""
import csv
import os

from stats import Figure, compare

PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "goals.tsv")


def read():
    with open(PATH, encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def of_program(found, goal):
    for answer in found["programs"]:
        if answer["what"] != goal["of"]:
            continue
        if goal["quantity"] != "ratio":
            return Figure(answer["ours"])
        return None if answer["ratio"] is None else Figure(answer["ratio"], answer["low"], answer["high"])
    return None


def figure(found, load, quantity, of, against=""):
    """What was measured, or None. `against` is "", "/ SERVER" or "- SERVER"."""
    rivals = found["samples"].get(load, {})
    left = rivals.get(of, {}).get(quantity)
    if not left:
        return None
    if not against:
        return Figure.of(left)
    operator, _, other = against.partition(" ")
    right = rivals.get(other, {}).get(quantity)
    if not right or (operator == "/" and not any(right)):
        return None
    return compare(left, operator, right)


def verdict(goal, value):
    limit = float(goal["limit"])
    over = value - limit if goal["sense"] == "<=" else limit - value
    if over <= 0:
        return "met"
    if goal["against"].startswith("-"):
        return f"missed by {over:.2f}"
    return f"missed by {over / limit * 100:.{0 if over / limit > 0.1 else 1}f} %"


def judge_one(found, goal):
    if goal["load"] == "program":
        measured = of_program(found, goal)
    else:
        measured = figure(found, goal["load"], goal["quantity"], goal["of"], goal["against"])
    if measured is None:
        return {**goal, "verdict": "not measured"}
    return {**goal, **measured.as_json(), "verdict": verdict(goal, measured.value)}


def judge(found):
    """A dictionary for each goal: its fields, value, low, high and verdict."""
    return [judge_one(found, goal) for goal in read()]
