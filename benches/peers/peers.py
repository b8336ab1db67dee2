#!/usr/bin/env python3
"""The same small models on this project and on its peers, as one table: see README.md.

    benches/peers/peers.py                everything, half a minute
    benches/peers/peers.py --csv          the rows instead of the table
    benches/peers/peers.py mm1 desque     only what has one of these words in its name

Needs a Rust toolchain; SimPy is included where it is installed (pip install simpy).
"""

import csv
import gc
import io
import itertools
import math
import pathlib
import random
import subprocess
import sys
import time
import typing

import optimistic_lock

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = HERE.parent.parent / "src/validate/published/data/optimistic-lock.csv"
HOUR = 3600.0

# Clients and runs of the optimistic lock: the published script makes a hundred runs too.
LOCK = (100, 100)

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
    return [state["integral"] / env.now]


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
    return [state["attempts"] / state["arrived"]]


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
    return [operations / (env.now / HOUR) / pending]


def lock(env, rng, clients, runs):
    """The optimistic lock of AWS's article with full jitter: calls and time of a run on average."""
    row = {"version": 0, "calls": 0}

    def leg():
        return env.timeout(optimistic_lock.leg(rng))

    def client():
        for failures in itertools.count(1):
            yield leg()
            version = row["version"]
            yield leg()
            yield leg()
            row["calls"] += 1
            is_written = version == row["version"]
            row["version"] += is_written
            yield leg()
            if is_written:
                return
            yield env.timeout(optimistic_lock.full_jitter(rng, failures))

    def one_after_another():
        for _ in range(runs):
            yield env.all_of([env.process(client()) for _ in range(clients)])

    env.run(env.process(one_after_another()))
    return [row["calls"] / runs, env.now / runs]


def reference(clients, runs):
    """Known calls and time of a run, each with the greatest error of a mean of so many runs: 4.5 standard errors of
    both together, error probability 7e-6."""
    with open(REFERENCE, newline="") as file:
        wanted = (str(clients), "FullJitter")
        row = next(row for row in csv.DictReader(file) if (row["clients"], row["strategy"]) == wanted)
    widths = 4.5 * math.sqrt(1.0 / runs + 1.0 / float(row["runs"]))
    return [(float(row[f"{name}_mean"]), widths * float(row[f"{name}_sd"])) for name in ("calls", "time")]


class Task(typing.NamedTuple):
    """Something to run: it gives one or more numbers, the first of which is for the table."""

    engine: str
    model: str
    size: int
    run: typing.Callable
    known: list  # for each number what it should be, and the greatest error
    units: typing.Callable  # of work, from the first number

    def row(self):
        # What another task left behind is not for this one to clear away.
        gc.collect()
        started = time.process_time()
        results = self.run()
        nanoseconds = (time.process_time() - started) * 1e9 / self.units(results[0])
        for result, (exact, error) in zip(results, self.known, strict=True):
            assert abs(result - exact) < error, f"{self.engine}, {self.model}: {result} instead of {exact}"
        return {
            "engine": self.engine,
            "model": self.model,
            "size": str(self.size),
            "ns_per_unit": f"{nanoseconds:.1f}",
            "result": f"{results[0]:.4f}",
            "exact": f"{self.known[0][0]:.4f}",
        }


def simpy_tasks():
    """The models on SimPy, each in a world of its own."""

    def task(model, size, function, sizes, known, units):
        def run():
            return function(simpy.Environment(), random.Random(421), *sizes)

        return Task("SimPy", model, size, run, known, units)

    customers = 40_000
    error = 3.0 * math.sqrt(2.0 * 0.9 * 1.9 / 0.1**4 / (customers / 0.9))
    yield task("mm1", customers, mm1, [customers], [(9.0, error)], lambda _: customers)
    error = 5.0 / math.sqrt(customers)
    yield task("retrial", customers, retrial, [customers], [(1.18072300487, error)], lambda _: customers)
    known = reference(*LOCK)
    yield task("optimistic-lock", LOCK[0], lock, LOCK, known, lambda calls: calls * LOCK[1])
    for pending in (1_000, 10_000, 100_000):
        work = max(100_000, pending)
        error = 5.0 / math.sqrt(work) + 5.0 / math.sqrt(pending)
        yield task("hold", pending, hold, [pending, work], [(1.0, error)], lambda _, work=work: work)


def script_tasks():
    """The script in the way of AWS's, which knows one model only."""

    def run():
        return optimistic_lock.means(random.Random(421), *LOCK)

    yield Task("script on heapq", "optimistic-lock", LOCK[0], run, reference(*LOCK), lambda calls: calls * LOCK[1])


def python(words):
    """The rows of everything in Python: the script, and SimPy where it is installed."""
    for task in itertools.chain(script_tasks(), simpy_tasks() if simpy else ()):
        if not words or any(word in task.engine or word in task.model for word in words):
            yield task.row()


def table(rows):
    """One line for each engine, one column for each model: nanoseconds per customer, operation or call."""
    title = {"mm1": "M/M/1", "retrial": "retrials", "hold": "HOLD", "optimistic-lock": "optimistic lock"}

    def column(row):
        size = f" {int(row['size']):,}".replace(",", " ") if row["model"] == "hold" else ""
        return title[row["model"]] + size

    columns = list(dict.fromkeys(column(row) for row in rows))
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    cells = {(row["engine"], column(row)): row["ns_per_unit"] for row in rows}
    yield "| ns per customer, operation or call | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for engine in engines:
        times = (cells.get((engine, name)) for name in columns)
        yield f"| {engine} | " + " | ".join(f"{float(t):.0f}" if t else "-" for t in times) + " |"


def main():
    words = [word for word in sys.argv[1:] if word != "--csv"]
    rows = rust(words)
    if simpy is None:
        print("SimPy is not installed: left out", file=sys.stderr)
    rows += python(words)
    if "--csv" in sys.argv:
        writer = csv.DictWriter(sys.stdout, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
