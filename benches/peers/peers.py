#!/usr/bin/env python3
"""The same small models on this project and on its peers, as one table: see README.md.

    benches/peers/peers.py                everything, some minutes
    benches/peers/peers.py --csv          the rows instead of the table
    benches/peers/peers.py mm1 desque     only what has one of these words in its name

Needs a Rust toolchain; SimPy is included where it is installed (pip install simpy).
"""

import csv
import io
import math
import pathlib
import random
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
HOUR = 3600.0

try:
    import simpy
except ImportError:
    simpy = None


def rust(words):
    """The rows of the Rust program."""
    command = ["cargo", "run", "--quiet", "--release", "--manifest-path", HERE / "Cargo.toml", "--", *words]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return list(csv.DictReader(io.StringIO(output)))


def mm1(env, rng, customers):
    """M/M/1 with load 0.9: customers in the system on average, which should be nine."""
    server = simpy.Resource(env)
    state = {"present": 0, "since": 0.0, "integral": 0.0, "left": customers}
    done = env.event()

    def change(by):
        state["integral"] += state["present"] * (env.now - state["since"])
        state["since"] = env.now
        state["present"] += by

    def customer():
        change(1)
        with server.request() as request:
            yield request
            yield env.timeout(rng.expovariate(1.0))
        change(-1)
        state["left"] -= 1
        if state["left"] == 0:
            done.succeed()

    def source():
        while True:
            env.process(customer())
            yield env.timeout(rng.expovariate(0.9))

    env.process(source())
    env.run(done)
    return state["integral"] / env.now


def retrial(env, rng, customers):
    """M/M/10/10 with retrials: attempts per customer, which should be 1.1807."""
    state = {"busy": 0, "attempts": 0, "arrived": 0, "left": customers}
    done = env.event()

    def customer():
        while True:
            state["attempts"] += 1
            if state["busy"] < 10:
                break
            yield env.timeout(rng.expovariate(0.5))
        state["busy"] += 1
        yield env.timeout(rng.expovariate(1.0))
        state["busy"] -= 1
        state["left"] -= 1
        if state["left"] == 0:
            done.succeed()

    def source():
        while True:
            state["arrived"] += 1
            env.process(customer())
            yield env.timeout(rng.expovariate(7.0))

    env.process(source())
    env.run(done)
    return state["attempts"] / state["arrived"]


def hold(env, rng, pending, operations):
    """HOLD: operations in a mean increment over the pending events, which should be one."""
    state = {"left": operations}
    done = env.event()

    def token():
        while True:
            yield env.timeout(rng.expovariate(1.0 / HOUR))
            state["left"] -= 1
            if state["left"] == 0:
                done.succeed()

    for _ in range(pending):
        env.process(token())
    env.run(done)
    return operations / (env.now / HOUR) / pending


def tasks():
    """Model, size, units of work, how to run it, and its exact value with the greatest error."""
    customers = 40_000
    error = 3.0 * math.sqrt(2.0 * 0.9 * 1.9 / 0.1**4 / (customers / 0.9))
    yield "mm1", customers, customers, lambda env, rng: mm1(env, rng, customers), 9.0, error
    error = 5.0 / math.sqrt(customers)
    yield "retrial", customers, customers, lambda env, rng: retrial(env, rng, customers), 1.18072300487, error
    for pending in (1_000, 10_000, 100_000):
        work = max(100_000, pending)
        error = 5.0 / math.sqrt(work) + 5.0 / math.sqrt(pending)
        yield "hold", pending, work, lambda env, rng, n=pending, w=work: hold(env, rng, n, w), 1.0, error


def python(words):
    """The rows of SimPy."""
    for model, size, units, run, exact, error in tasks():
        if words and not any(word in "SimPy" or word in model for word in words):
            continue
        started = time.process_time()
        result = run(simpy.Environment(), random.Random(421))
        nanoseconds = (time.process_time() - started) * 1e9 / units
        assert abs(result - exact) < error, f"SimPy, {model}: {result} instead of {exact}"
        yield {
            "engine": "SimPy",
            "model": model,
            "size": str(size),
            "ns_per_unit": f"{nanoseconds:.1f}",
            "result": f"{result:.4f}",
            "exact": f"{exact:.4f}",
        }


def table(rows):
    """One line for each engine, one column for each model: nanoseconds per customer or operation."""
    title = {"mm1": "M/M/1", "retrial": "retrials", "hold": "HOLD"}

    def column(row):
        size = f" {int(row['size']):,}".replace(",", " ") if row["model"] == "hold" else ""
        return title[row["model"]] + size

    columns = list(dict.fromkeys(column(row) for row in rows))
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    cells = {(row["engine"], column(row)): row["ns_per_unit"] for row in rows}
    yield "| ns per customer or operation | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for engine in engines:
        times = (cells.get((engine, name)) for name in columns)
        yield f"| {engine} | " + " | ".join(f"{float(t):.0f}" if t else "-" for t in times) + " |"


def main():
    words = [word for word in sys.argv[1:] if word != "--csv"]
    rows = rust(words)
    if simpy is None:
        print("SimPy is not installed: left out", file=sys.stderr)
    else:
        rows += python(words)
    if "--csv" in sys.argv:
        writer = csv.DictWriter(sys.stdout, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
