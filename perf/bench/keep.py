"""Keeps results in the repository: the text in perf/README.md between its two marks, the picture beside it."""
import os
import re
import shutil

from servers import Failed

PERF = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BEGIN, END = "<!-- results: ./dev bench --keep FOLDER writes what follows -->\n", "<!-- end of the results -->\n"


def replace(page, text):
    found = re.search(f"{re.escape(BEGIN)}.*?{re.escape(END)}", page, re.S)
    if not found:
        raise Failed("perf/README.md has lost the marks of the results")
    return page[:found.start()] + BEGIN + "![](results.svg)\n\n" + text.rstrip() + "\n" + END + page[found.end():]


def keep(folder, perf=PERF):
    try:
        with open(os.path.join(folder, "results.md"), encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise Failed(f"{folder} holds no results: {error.strerror}") from error
    path = os.path.join(perf, "README.md")
    with open(path, encoding="utf-8") as file:
        page = replace(file.read(), text)
    with open(path, "w", encoding="utf-8") as file:
        file.write(page)
    shutil.copy(os.path.join(folder, "results.svg"), os.path.join(perf, "results.svg"))
