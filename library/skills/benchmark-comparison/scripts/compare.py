#!/usr/bin/env python3
"""Compare two sets of measurements with percentiles and a bootstrap confidence interval.

usage: compare.py [--stat mean|p50|p90|p95|p99] [--threshold PERCENT] [--higher-is-better] BEFORE AFTER
exit:  0 not worse, 1 worse than the threshold with 95 % confidence, 2 unusable input
"""
import argparse
import math
import random
import sys

MINIMUM = {"mean": 5, "p50": 5, "p90": 20, "p95": 40, "p99": 200}
ROUNDS = 4000
BUDGET = 20_000_000  # resampled values in all, so that large files end in bounded time


def read(path):
    values = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            try:
                value = float(line)
            except ValueError:
                raise ValueError(f"{path}:{number}: not a number: {line[:40]!r}") from None
            if not math.isfinite(value):
                raise ValueError(f"{path}:{number}: not finite")
            values.append(value)
    return values


def quantile(ordered, q):
    """Linear interpolation between the closest ranks, as most tools do by default."""
    at = (len(ordered) - 1) * q
    low = math.floor(at)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (at - low)


def statistic(name, values):
    return sum(values) / len(values) if name == "mean" else quantile(sorted(values), int(name[1:]) / 100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--stat", choices=MINIMUM, default="p50")
    parser.add_argument("--threshold", type=float, default=0.0, help="percent by which it may get worse")
    parser.add_argument("--higher-is-better", action="store_true", help="for rates instead of times")
    options = parser.parse_args()
    try:
        before, after = read(options.before), read(options.after)
        for path, values in ((options.before, before), (options.after, after)):
            if len(values) < MINIMUM[options.stat]:
                raise ValueError(f"{path}: {len(values)} values; {options.stat} needs at least {MINIMUM[options.stat]}")
        base = statistic(options.stat, before)
        if base <= 0:
            raise ValueError(f"{options.before}: the {options.stat} is not positive, so a change in percent has no meaning")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2

    rng = random.Random(20240229)
    rounds = max(200, min(ROUNDS, BUDGET // (len(before) + len(after))))
    changes = []
    for _ in range(rounds):
        a = statistic(options.stat, rng.choices(before, k=len(before)))
        b = statistic(options.stat, rng.choices(after, k=len(after)))
        if a > 0:
            changes.append(100 * (b / a - 1))
    changes.sort()
    low, high = quantile(changes, 0.025), quantile(changes, 0.975)
    change = 100 * (statistic(options.stat, after) / base - 1)

    print(f"{'':8}{'n':>7}{'min':>11}{'p50':>11}{'p90':>11}{'p95':>11}{'p99':>11}{'max':>11}{'mean':>11}")
    for name, values in (("before", before), ("after", after)):
        ordered = sorted(values)
        cells = [ordered[0], *(quantile(ordered, q) for q in (0.5, 0.9, 0.95, 0.99)), ordered[-1], sum(values) / len(values)]
        print(f"{name:8}{len(values):>7}" + "".join(f"{cell:>11.4g}" for cell in cells))
    for q, need in (("p95", 40), ("p99", 200)):
        if min(len(before), len(after)) < need:
            print(f"note: {q} rests on too few samples to mean much")

    worse_low = -high if options.higher_is_better else low    # the most favourable end of the interval
    worse_high = -low if options.higher_is_better else high
    if worse_low > options.threshold:
        verdict = "slower" if not options.higher_is_better else "lower rate"
    elif worse_high < 0:
        verdict = "faster" if not options.higher_is_better else "higher rate"
    elif worse_low > 0:
        verdict = "within threshold"
    else:
        verdict = "no difference shown"
    print(f"{options.stat}: {change:+.2f} %, 95 % interval {low:+.2f} to {high:+.2f} % -> {verdict}")
    return int(worse_low > options.threshold)


if __name__ == "__main__":
    sys.exit(main())
