"""Runs described DAGs under the scheduler of Apache Airflow and writes how they ended. See README.md beside this file.

The scheduler's own code decides everything: DagRun.update_state and schedule_tis, as the scheduler's loop calls them.
What a worker does is taken over here: a task ends as its description says, and branches and short circuits execute
the operators of the standard provider, whose skips go through the function of the execution API that serves them.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import sys
import time
from datetime import timedelta

os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "CRITICAL")

from airflow import __version__ as airflow_version  # noqa: E402
from airflow import settings  # noqa: E402

settings.configure_orm()
logging.disable(logging.CRITICAL)

from sqlalchemy import delete, select, update  # noqa: E402

from airflow.api_fastapi.execution_api.datamodels.taskinstance import (  # noqa: E402
    TISkippedDownstreamTasksStatePayload,
)
from airflow.api_fastapi.execution_api.routes.task_instances import ti_skip_downstream  # noqa: E402
from airflow.models.dag import DagModel  # noqa: E402
from airflow.models.dagbundle import DagBundleModel  # noqa: E402
from airflow.models.dagrun import DagRun  # noqa: E402
from airflow.models.serialized_dag import SerializedDagModel  # noqa: E402
from airflow.models.taskinstance import TaskInstance as TI  # noqa: E402
from airflow.models.taskmap import TaskMap  # noqa: E402
from airflow.models.xcom import XComModel  # noqa: E402
from airflow.providers.standard.operators.empty import EmptyOperator  # noqa: E402
from airflow.providers.standard.operators.python import (  # noqa: E402
    BranchPythonOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from airflow.sdk import DAG, TaskGroup, get_current_context, timezone  # noqa: E402
from airflow.sdk.api.datamodels._generated import TaskInstance as RuntimeInstance  # noqa: E402
from airflow.sdk.bases.operator import ExecutorSafeguard  # noqa: E402
from airflow.sdk.definitions._internal.expandinput import DictOfListsExpandInput  # noqa: E402
from airflow.sdk.definitions.taskgroup import MappedTaskGroup  # noqa: E402
from airflow.sdk.exceptions import (  # noqa: E402
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    AirflowTaskTimeout,
    DownstreamTasksSkipped,
)
from airflow.sdk.execution_time.supervisor import run_task_in_process  # noqa: E402
from airflow.serialization.serialized_objects import DagSerialization, LazyDeserializedDAG  # noqa: E402
from airflow.utils.state import DagRunState, TaskInstanceState  # noqa: E402
from airflow.utils.types import DagRunTriggeredByType, DagRunType  # noqa: E402

# Operators refuse to be executed outside of a task runner.
ExecutorSafeguard.test_mode = True

BUNDLE = "referee"
LETTERS = {
    "success": "S",
    "failed": "F",
    "upstream_failed": "U",
    "skipped": "K",
    "removed": "R",
    None: ".",
}

LIVE = (
    TaskInstanceState.SCHEDULED,
    TaskInstanceState.QUEUED,
    TaskInstanceState.RUNNING,
    TaskInstanceState.UP_FOR_RETRY,
)
ERRORS = {
    "fail": AirflowException,
    "timeout": AirflowTaskTimeout,
    "give_up": AirflowFailException,
    "skip": AirflowSkipException,
}

def act(built, task):
    """What the callable of a task does in a real worker: the end that its script gives to this try."""
    instance = get_current_context()["ti"]
    end = end_of(task, instance.map_index, instance.try_number)
    if end == "success":
        length = built.length_given(task["id"])
        return None if length is None else [{"item": n} for n in range(length)]
    raise ERRORS[end]("as described")


def end_of(task, map_index, nth):
    script = at(task.get("ends", []), max(map_index, 0), [])
    return script[min(nth, len(script)) - 1] if script else "success"


class Built:
    """A described DAG as one of Airflow's."""

    def __init__(self, dag_id, description):
        self.tasks = {task["id"]: task for task in description["tasks"]}
        self.groups = description.get("groups", {})
        self.operators = {}
        self.task_groups = {}
        self.open_groups = []
        # The index of the instance that is executed, which its callable reads.
        self.index = 0
        with DAG(dag_id=dag_id, schedule=None, catchup=False) as dag:
            for task in description["tasks"]:
                self.enter_group(task.get("in"))
                self.add(task)
            self.enter_group(None)
        self.dag = dag

    def enter_group(self, path):
        """Members of a group stand side by side."""
        wanted = [] if path is None else [".".join(path.split(".")[: n + 1]) for n in range(path.count(".") + 1)]
        while self.open_groups != wanted[: len(self.open_groups)]:
            self.task_groups[self.open_groups.pop()].__exit__(None, None, None)
        for name in wanted[len(self.open_groups) :]:
            group_map = self.groups[name]
            common = {"group_id": name.replace(".", "__"), "prefix_group_id": False}
            if group_map is None:
                group = TaskGroup(**common)
            else:
                items = self.items(group_map)
                group = MappedTaskGroup(expand_input=DictOfListsExpandInput({"item": items}), **common)
            group.__enter__()
            self.task_groups[name] = group
            self.open_groups.append(name)

    def items(self, repetition):
        over = repetition.get("over")
        return list(range(repetition["length"])) if over is None else self.operators[over].output

    def add(self, task):
        common = {"task_id": task["id"], "retry_delay": timedelta(0)}
        if not task.get("of"):
            common["trigger_rule"] = task.get("rule", "all_success")
        if "empty" in task:
            operator = EmptyOperator(**common)
        elif "cases" in task:
            operator = BranchPythonOperator(python_callable=lambda: self.chosen(task), **common)
        elif "skips" in task:
            operator = ShortCircuitOperator(
                python_callable=lambda: at(task["passes"], self.index, True),
                ignore_downstream_trigger_rules=task["skips"] == "all",
                **common,
            )
        else:
            common |= {"python_callable": lambda item=None: act(self, task), "retries": task.get("retries", 0)}
            if "map" in task:
                operator = PythonOperator.partial(**common).expand(op_kwargs=self.mapped_arguments(task["map"]))
            else:
                operator = PythonOperator(**common)
        self.operators[task["id"]] = operator
        for target in task.get("up", []):
            name = target.split(":")[0]
            (self.task_groups[name[1:]] if name.startswith("@") else self.operators[name]).set_downstream(operator)
        if task.get("setup"):
            operator.as_setup()
        if task.get("of"):
            operator.as_teardown(
                setups=[self.operators[name] for name in task["of"]],
                on_failure_fail_dagrun=task.get("failsRun", False),
            )

    def mapped_arguments(self, repetition):
        items = self.items(repetition)
        return [{"item": item} for item in items] if isinstance(items, list) else items

    def chosen(self, task):
        """The children that the chosen cases lead to, and those that no case leads to."""
        names = at(task["chosen"], self.index, [])
        children = []
        for other in self.tasks.values():
            edges = [target for target in other.get("up", []) if target.split(":")[0] == task["id"]]
            if any(":" not in edge or edge.split(":")[1] in names for edge in edges):
                children.append(other["id"])
        return children

    def length_given(self, task_id):
        """How long the list is that a task returns; None where no list is wanted of it."""
        maps = [task["map"] for task in self.tasks.values() if "map" in task]
        maps += [group for group in self.groups.values() if group]
        lengths = {each["length"] for each in maps if each.get("over") == task_id}
        if len(lengths) > 1:
            raise ValueError("lists of several lengths from one task")
        return lengths.pop() if lengths else None


def at(values, index, otherwise):
    return values[index] if index < len(values) else otherwise


class Checks(set):
    """What Airflow checks of a task before it runs. The order is that of a set of objects, another in every process."""

    def __init__(self, checks, order):
        super().__init__(checks)
        self.order = order

    def __ror__(self, others):
        named = sorted({*others, *self}, key=lambda check: type(check).__name__)
        return random.Random(self.order).sample(named, len(named))


class FakeInstance:
    """What operators that skip use of a running task instance."""

    def __init__(self, instance, operator, session):
        self.map_index = instance.map_index
        self.task = operator
        self.task_id = instance.task_id
        self.instance = instance
        self.session = session

    def xcom_push(self, key, value):
        push(self.instance, key, value, self.session)


def push(instance, key, value, session):
    XComModel.set(
        key=key,
        value=value,
        dag_id=instance.dag_id,
        task_id=instance.task_id,
        run_id=instance.run_id,
        map_index=instance.map_index,
        session=session,
    )


class Run:
    """One run of a built DAG in one order of events."""

    active = TaskInstanceState.RUNNING

    def __init__(self, built, scheduler_dag, run_id, session):
        self.built = built
        self.session = session
        self.dag = scheduler_dag
        now = timezone.utcnow()
        self.dag_run = scheduler_dag.create_dagrun(
            run_id=run_id,
            logical_date=None,
            data_interval=None,
            run_after=now,
            run_type=DagRunType.MANUAL,
            state=DagRunState.RUNNING,
            triggered_by=DagRunTriggeredByType.TEST,
            start_date=now,
            session=session,
        )
        self.dag_id = self.dag_run.dag_id
        self.run_id = run_id
        session.commit()
        self.tries = {}

        for task in scheduler_dag.tasks:
            task.deps = Checks(task.deps, run_id)

    def tick(self):
        """As SchedulerJobRunner._schedule_dag_run."""
        self.session.expire_all()
        self.dag_run.dag = self.dag
        schedulable, _ = self.dag_run.update_state(session=self.session, execute_callbacks=False)
        self.session.flush()
        self.dag_run.schedule_tis(schedulable, session=self.session, max_tis_per_query=None)
        self.session.commit()

    def instances(self):
        """All of them as plain rows, in a stable order."""
        columns = (TI.id, TI.dag_id, TI.run_id, TI.task_id, TI.map_index, TI.state, TI.try_number, TI.max_tries)
        columns = (*columns, TI.dag_version_id)
        query = select(*columns).where(TI.dag_id == self.dag_id, TI.run_id == self.run_id)
        return self.session.execute(query.order_by(TI.task_id, TI.map_index)).all()

    def put(self, instance, state, only_from):
        """Nothing where something else has ended the instance in the meantime, as in the execution API."""
        now = timezone.utcnow()
        times = {"start_date": now} if state == TaskInstanceState.RUNNING else {"end_date": now}
        query = update(TI).where(TI.id == instance.id, TI.state == only_from).values(state=state, **times)
        self.session.execute(query.execution_options(synchronize_session=False))
        self.session.commit()

    def start(self, instance):
        self.put(instance, TaskInstanceState.RUNNING, TaskInstanceState.SCHEDULED)
        key = (instance.task_id, instance.map_index)
        self.tries[key] = self.tries.get(key, 0) + 1

    def end_of(self, instance):
        nth = self.tries[(instance.task_id, instance.map_index)]
        return end_of(self.built.tasks[instance.task_id], instance.map_index, nth)

    def finish(self, instance):
        """As a worker that has ended: it can say so only while the instance is still running."""
        end = self.end_of(instance)
        if end == "success":
            self.effects(instance)
            state = TaskInstanceState.SUCCESS
        elif end == "skip":
            state = TaskInstanceState.SKIPPED
        elif end == "give_up" or instance.try_number > instance.max_tries:
            state = TaskInstanceState.FAILED
        else:
            state = TaskInstanceState.UP_FOR_RETRY
        self.put(instance, state, TaskInstanceState.RUNNING)

    def effects(self, instance):
        """What a task that succeeds leaves behind: skips of others, and the length of its list."""
        task = self.built.tasks[instance.task_id]
        operator = self.built.operators[instance.task_id]
        if "cases" in task or "skips" in task:
            self.built.index = max(instance.map_index, 0)
            fake = FakeInstance(instance, operator, self.session)
            context = {"ti": fake, "task": operator, "dag_run": self.dag_run, "outlet_events": {}}
            try:
                operator.execute(context)
            except DownstreamTasksSkipped as skipped:
                payload = TISkippedDownstreamTasksStatePayload(tasks=list(skipped.tasks))
                ti_skip_downstream(instance.id, payload, self.session)
        length = self.built.length_given(instance.task_id)
        if length is not None:
            push(instance, "return_value", [{"item": n} for n in range(length)], self.session)
            self.session.merge(
                TaskMap(
                    dag_id=instance.dag_id,
                    task_id=instance.task_id,
                    run_id=instance.run_id,
                    map_index=instance.map_index,
                    length=length,
                    keys=None,
                )
            )

    def play(self, manner):
        """Ticks, starts and ends in an order that a manner chooses, until nothing is left to happen."""
        idle = False
        rows = self.instances()
        for _ in range(2000):
            scheduled = [row for row in rows if row.state == TaskInstanceState.SCHEDULED]
            running = [row for row in rows if row.state == self.active]
            event, instance = manner.choose(self, scheduled, running, idle)
            if event == "tick":
                self.tick()
            else:
                (self.start if event == "start" else self.finish)(instance)
            before, rows = rows, self.instances()
            idle = event == "tick" and rows == before
            if event == "tick":
                over = self.dag_run.state != DagRunState.RUNNING
                stuck = not any(row.state in LIVE for row in rows)
                if over or (idle and stuck):
                    return self.outcome(rows)
        raise RuntimeError("never ends")

    def outcome(self, rows):
        ends = {}
        for instance in rows:
            tries = self.tries.get((instance.task_id, instance.map_index), 0)
            if "empty" in self.built.tasks[instance.task_id]:
                tries = instance.try_number
            ends.setdefault(instance.task_id, []).append((instance.map_index, LETTERS.get(instance.state, "?"), tries))
        tasks = []
        for task_id in self.built.tasks:
            own = sorted(ends[task_id])
            states = "".join(state for _, state, _ in own)
            tries = [tries for _, _, tries in own]
            usual = [1 if state in "SF" else 0 for state in states]
            tasks.append(states if tries == usual else f"{states}/{'.'.join(map(str, tries))}")
        return f"{' '.join(tasks)} | {DagRunState(self.dag_run.state).value}"


class WorkerRun(Run):
    """The same with the real task runner and execution API in this process, where a task starts and ends at once."""

    active = TaskInstanceState.QUEUED

    def start(self, instance):
        self.put(instance, TaskInstanceState.QUEUED, TaskInstanceState.SCHEDULED)
        key = (instance.task_id, instance.map_index)
        self.tries[key] = self.tries.get(key, 0) + 1

    def finish(self, instance):
        self.built.index = max(instance.map_index, 0)
        names = ("id", "task_id", "dag_id", "run_id", "try_number", "map_index", "dag_version_id")
        started = RuntimeInstance(**{name: getattr(instance, name) for name in names})
        run_task_in_process(ti=started, task=self.built.operators[instance.task_id])
        self.session.commit()


class Prompt:
    """The scheduler looks again after every event; what was first ready ends first."""

    def choose(self, run, scheduled, running, idle):
        if not idle or not (scheduled or running):
            return "tick", None
        return ("start", scheduled[0]) if scheduled else ("finish", running[0])


class Lazy:
    """Everything that can end ends before the scheduler looks again."""

    def choose(self, run, scheduled, running, idle):
        if scheduled:
            return "start", scheduled[0]
        if running:
            return "finish", running[0]
        return "tick", None


RANKS = {"decide": 0, "fail": 1, "timeout": 1, "give_up": 1, "success": 2, "skip": 3}


class Ranked:
    """The scheduler looks after every event; decisions first, failures before skips, or the other way around."""

    def __init__(self, rng, reverse):
        self.rng = rng
        self.reverse = reverse

    def choose(self, run, scheduled, running, idle):
        if not idle or not (scheduled or running):
            return "tick", None
        if scheduled:
            return "start", scheduled[0]

        def rank(instance):
            task = run.built.tasks[instance.task_id]
            value = RANKS["decide" if "cases" in task or "skips" in task else run.end_of(instance)]
            return (-value if self.reverse else value, self.rng.random())

        return "finish", min(running, key=rank)


class Wild:
    """Anything may happen next."""

    def __init__(self, rng):
        self.rng = rng
        self.weights = [rng.choice([1, 2, 6]) for _ in range(3)]
        # Instances that are slow to start or to end.
        self.slow = {}

    def choose(self, run, scheduled, running, idle):
        options, weights = [], []
        if not idle or not (scheduled or running):
            options.append(("tick", None))
            weights.append(self.weights[0])
        for kind, instances, weight in (("start", scheduled, self.weights[1]), ("finish", running, self.weights[2])):
            for each in instances:
                slow = self.slow.setdefault((each.task_id, kind), self.rng.choice([1, 1, 0.05]))
                options.append((kind, each))
                weights.append(weight * slow / len(instances))
        return self.rng.choices(options, weights)[0]


def manners(count, seed):
    rng = random.Random(seed)
    every = [Prompt(), Lazy(), Ranked(rng, False), Ranked(rng, True)]
    return [*every, *(Wild(random.Random(f"{seed}/{n}")) for n in range(max(0, count - len(every))))][:count]


def register(dag, session):
    """Stores a DAG as the DAG processor does, and gives it as the scheduler has it."""
    if session.get(DagBundleModel, BUNDLE) is None:
        session.add(DagBundleModel(name=BUNDLE))
        session.flush()
    session.add(DagModel(dag_id=dag.dag_id, bundle_name=BUNDLE, is_paused=False, fileloc="referee"))
    session.flush()
    data = DagSerialization.to_dict(dag)
    SerializedDagModel.write_dag(LazyDeserializedDAG(data=data), bundle_name=BUNDLE, session=session)
    session.commit()
    return DagSerialization.from_dict(data)


def judge(description, name, orders, kind, session):
    built = Built(name, description)
    built.dag.validate()
    scheduler_dag = register(built.dag, session)
    outcomes = {}
    for number, manner in enumerate(manners(orders, name)):
        outcome = kind(built, scheduler_dag, f"run{number}", session).play(manner)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    session.execute(delete(DagRun).where(DagRun.dag_id == name))
    session.commit()
    session.expunge_all()
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("descriptions", help="JSON lines of export.ts")
    parser.add_argument("--orders", type=int, default=8, help="runs of each DAG, every one in another order")
    parser.add_argument("--worker", action="store_true", help="run tasks with the real task runner (slow)")
    arguments = parser.parse_args()
    kind = WorkerRun if arguments.worker else Run
    session = settings.Session()
    begun = time.monotonic()
    print(f'{{"airflow": "{airflow_version}", "orders": {arguments.orders}, "dags": [')
    with open(arguments.descriptions) as lines:
        for number, line in enumerate(lines):
            description = json.loads(line)
            outcomes = judge(description, f"dag{number}", arguments.orders, kind, session)
            row = json.dumps({"dag": description, "outcomes": outcomes}, separators=(",", ":"))
            print(("," if number else "") + row, flush=True)
            if number % 50 == 49:
                print(f"{number + 1} DAGs, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print("]}")


if __name__ == "__main__":
    main()
