import asyncio
import contextvars
import gc
import os
import re
import sys
from pathlib import Path
from typing import cast

import pulumi
import pytest
from pulumi.runtime import config as runtime_config
from pulumi.runtime import get_root_resource, is_dry_run, settings

from simulator.embedded import ProgramCrash, ProgramError, preview
from simulator.graph import SECRET_SHOWN_AS, UNKNOWN, Json, Source, plain
from tests.simulator.conftest import Run, named

STACK_URN = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def test_the_stack_is_the_root_and_its_type_is_not_in_the_urns_below(run: Run) -> None:
    graph = run("Thing('one')")
    assert [(resource.urn, resource.parent) for resource in graph.resources] == [
        (STACK_URN, ""),
        ("urn:pulumi:dev::shop::test:index:Thing::one", STACK_URN),
    ]


def test_a_urn_has_the_types_of_all_parents(run: Run) -> None:
    graph = run(
        """
        outer = Group('outer')
        inner = Group('inner', opts=ResourceOptions(parent=outer))
        Thing('leaf', opts=ResourceOptions(parent=inner))
        """
    )
    leaf = named(graph, "leaf")
    assert leaf.urn == "urn:pulumi:dev::shop::test:index:Group$test:index:Group$test:index:Thing::leaf"
    assert leaf.parent == named(graph, "inner").urn


def test_parents_come_before_children_and_siblings_by_urn(run: Run) -> None:
    graph = run(
        """
        Thing('z')
        group = Group('m')
        Thing('m-child', opts=ResourceOptions(parent=group))
        Thing('a')
        """
    )
    assert [resource.name for resource in graph.resources] == ["shop-dev", "m", "m-child", "a", "z"]


def test_inputs_are_plain_json_with_sorted_keys(run: Run) -> None:
    graph = run("Thing('one', {'zeta': [1, 2.5, True], 'alpha': {'y': 'text', 'x': None}})")
    assert list(named(graph, "one").inputs.items()) == [("alpha", {"x": None, "y": "text"}), ("zeta", [1, 2.5, True])]


def test_whole_numbers_are_integers(run: Run) -> None:
    (value,) = named(run("Thing('one', {'days': 14})"), "one").inputs.values()
    assert isinstance(value, int)


def test_a_text_that_becomes_a_file_is_told_as_the_engine_tells_it(run: Run) -> None:
    graph = run("Thing('one', {'code': pulumi.AssetArchive({'a.js': pulumi.StringAsset('exports')})})")
    code = cast("dict[str, dict[str, dict[str, Json]]]", named(graph, "one").inputs["code"])
    assert code["assets"]["a.js"]["text"] == "<contents elided>"


def test_computed_outputs_and_ids_are_unknown(run: Run) -> None:
    graph = run(
        """
        one = Thing('one', {'given': 'known'})
        Thing('two', {'arn': one.computed, 'oneId': one.id, 'nested': {'of': [one.computed]}, 'given': one.given})
        """
    )
    two = named(graph, "two").inputs
    assert (two["arn"], two["oneId"], two["given"]) == (UNKNOWN, UNKNOWN, "known")
    assert two["nested"] == {"of": [UNKNOWN]}


def test_a_resource_answers_as_the_stand_in_provider_does(run: Run) -> None:
    graph = run(
        """
        import pulumi_aws as aws
        queue = aws.sqs.Queue('work', tags={'App': 'shop'})
        pulumi.export('known', [queue.region, queue.tags_all])
        pulumi.export('unknown', queue.url)
        """
    )
    work = named(graph, "work")
    assert graph.outputs == {"known": ["eu-west-1", {"App": "shop"}], "unknown": UNKNOWN}
    assert re.fullmatch(r"work-[0-9a-f]{7}", str(work.inputs["name"]))
    assert work.inputs.items() < plain(graph.registered[work.urn]).items()


def test_what_aws_would_refuse_at_once_is_a_clean_error(run: Run) -> None:
    with pytest.raises(ProgramError, match=r"aws:sqs/queue:Queue::work: name: expected length of name"):
        run("import pulumi_aws as aws\naws.sqs.Queue('work', name='q' * 81)")


def test_an_apply_on_an_unknown_does_not_run(run: Run) -> None:
    graph = run(
        """
        def fail(_):
            raise AssertionError('ran on an unknown')
        pulumi.export('value', Thing('one').computed.apply(fail))
        """
    )
    assert graph.outputs == {"value": UNKNOWN}


def test_secrets_are_masked_in_inputs_and_outputs(run: Run) -> None:
    graph = run(
        """
        Thing('one', {'password': Output.secret('hunter2'), 'deep': [{'token': Output.secret('hunter2')}]})
        pulumi.export('password', Output.secret('hunter2'))
        """
    )
    assert named(graph, "one").inputs == {"password": SECRET_SHOWN_AS, "deep": [{"token": SECRET_SHOWN_AS}]}
    assert graph.outputs == {"password": SECRET_SHOWN_AS}
    assert "hunter2" not in repr(graph)


def test_dependencies_are_kept_by_property_and_in_all(run: Run) -> None:
    graph = run(
        """
        key, bucket, other = Thing('key'), Thing('bucket'), Thing('other')
        Thing('user', {'keyArn': key.computed, 'both': Output.concat(bucket.computed, key.computed), 'plain': 1},
              ResourceOptions(depends_on=[other]))
        """
    )
    key, bucket, other = (named(graph, name).urn for name in ("key", "bucket", "other"))
    user = named(graph, "user")
    assert user.property_dependencies == {"both": (bucket, key), "keyArn": (key,)}
    assert user.dependencies == (bucket, key, other)


def test_a_dependency_on_a_component_is_one_on_its_children(run: Run) -> None:
    graph = run(
        """
        group = Group('group')
        Thing('child', opts=ResourceOptions(parent=group))
        Thing('user', opts=ResourceOptions(depends_on=[group]))
        """
    )
    assert named(graph, "user").dependencies == (named(graph, "child").urn,)


def test_a_component_keeps_its_inputs_and_is_not_custom(run: Run) -> None:
    graph = run("Group('group', {'size': 3}); Thing('one')")
    assert named(graph, "group").inputs == {"size": 3}
    assert (named(graph, "group").custom, named(graph, "one").custom) == (False, True)


def test_protect_is_kept(run: Run) -> None:
    graph = run("Thing('one', opts=ResourceOptions(protect=True)); Thing('two')")
    assert (named(graph, "one").protect, named(graph, "two").protect) == (True, False)


def test_the_source_is_the_line_that_made_the_resource(run: Run, tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text("from things import *\ndef make(name):\n    Thing(name)\n")
    graph = run("import parts\nThing('here')\nparts.make('there')\n")
    assert named(graph, "here").source == Source(file="__main__.py", line=3)
    assert named(graph, "there").source == Source(file="parts.py", line=3)
    assert named(graph, "shop-dev").source is None


def test_config_and_names_reach_the_program(run: Run) -> None:
    graph = run(
        """
        config, aws = pulumi.Config(), pulumi.Config('aws')
        pulumi.export('seen', [config.require('size'), config.require_object('services'), aws.get('region')])
        pulumi.export('names', [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
        pulumi.export('dry', pulumi.runtime.is_dry_run())
        """,
        config={"shop:size": "3", "shop:services": '{"news": {"port": 8000}}', "aws:region": "eu-west-1"},
    )
    assert graph.outputs == {
        "seen": ["3", {"news": {"port": 8000}}, "eu-west-1"],
        "names": ["shop", "dev", "organization"],
        "dry": True,
    }


def test_an_asynchronous_program_is_awaited(run: Run) -> None:
    graph = run(
        """
        async def main():
            Thing('late')
            return {'done': True}
        pulumi.run(main)
        """
    )
    assert graph.outputs == {"done": True}
    assert named(graph, "late").custom


def test_a_run_error_is_a_clean_error(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProgramError, match=r"^no such tier$"):
        run("raise pulumi.RunError('no such tier')")
    assert capfd.readouterr() == ("", "")


def test_a_run_error_after_resources_and_inside_an_apply_is_a_clean_error(run: Run) -> None:
    with pytest.raises(ProgramError, match=r"^too small$"):
        run(
            """
            def check(_):
                raise pulumi.RunError('too small')
            Thing('user', {'size': Thing('one', {'size': 1}).size.apply(check)})
            """
        )


def test_a_crash_is_a_traceback_that_starts_in_the_program(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProgramCrash) as crash:
        run("Thing('one')\n{}['missing']")
    lines = str(crash.value).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "__main__.py" in lines[1]
    assert lines[-1] == "KeyError: 'missing'"
    assert capfd.readouterr() == ("", "")


def test_a_crash_in_an_apply_is_a_crash_with_nothing_on_stderr(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProgramCrash, match="ZeroDivisionError"):
        run("pulumi.export('x', Thing('one', {'size': 1}).size.apply(lambda size: size / 0))")
    gc.collect()
    assert capfd.readouterr() == ("", "")


def test_a_syntax_error_names_its_line_and_nothing_of_the_engine(run: Run) -> None:
    with pytest.raises(ProgramCrash, match=r"__main__.py\", line 2[\s\S]*SyntaxError") as crash:
        run("if")
    assert "embedded.py" not in str(crash.value)


def test_leaving_the_program_early_is_a_crash(run: Run) -> None:
    with pytest.raises(ProgramCrash, match="SystemExit: 3"):
        run("import sys; sys.exit(3)")


def test_a_folder_without_a_program_is_a_clean_error(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="no Pulumi program"):
        preview(tmp_path, project="shop", stack="dev", config={}, region="eu-west-1")


def test_two_resources_of_one_name_are_refused(run: Run) -> None:
    with pytest.raises(ProgramError, match=r"Duplicate resource URN '.*test:index:Thing::one'"):
        run("Thing('one'); Thing('one')")


def test_warnings_are_collected_once_each_and_sorted(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    graph = run(
        """
        pulumi.log.warn('second')
        pulumi.log.warn('first', resource=Thing('one'))
        pulumi.log.warn('second')
        pulumi.log.info('not one')
        """
    )
    assert graph.warnings == ("first", "second")
    assert capfd.readouterr() == ("", "")


def test_a_provider_of_ones_own_is_a_resource_like_any_other(run: Run) -> None:
    graph = run(
        """
        class Provider(pulumi.ProviderResource):
            pass
        Thing('one', opts=ResourceOptions(provider=Provider('test', 'mine', {'region': 'us-east-1'})))
        """
    )
    assert named(graph, "mine").type == "pulumi:providers:test"
    assert named(graph, "mine").inputs == {"region": "us-east-1"}


def test_progress_is_told_resource_by_resource(run: Run) -> None:
    seen: list[tuple[str, str]] = []
    run("Thing('one'); Group('group')", on_resource=lambda kind, name: seen.append((kind, name)))
    assert sorted(seen) == [
        ("pulumi:pulumi:Stack", "shop-dev"),
        ("test:index:Group", "group"),
        ("test:index:Thing", "one"),
    ]


def test_two_runs_of_one_program_are_identical(run: Run) -> None:
    program = """
        things = [Thing(f't{i}', {'size': i, 'tags': {'b': 1, 'a': 2}}) for i in range(20)]
        group = Group('group')
        for thing in reversed(things):
            Thing(f'{thing._name}-user', {'all': [t.computed for t in things]}, ResourceOptions(parent=group))
        """
    assert repr(run(program)) == repr(run(program))


def test_a_run_sees_nothing_of_the_one_before(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state.py").write_text("seen = []\n")
    program = """
        import state
        state.seen.append(1)
        pulumi.export('seen', state.seen)
        pulumi.export('size', pulumi.Config().get('size'))
        """
    assert run(program, config={"shop:size": "3"}).outputs == {"seen": [1], "size": "3"}
    (tmp_path / "state.py").write_text("seen = [0]  # changed\n")
    assert run(program).outputs == {"seen": [0, 1]}


def test_a_run_leaves_the_process_as_it_was(run: Run) -> None:
    def state() -> tuple[object, ...]:
        return (
            Path.cwd(), tuple(sys.path), tuple(sys.argv), frozenset(sys.modules), gc.get_threshold(), dict(os.environ),
            settings.get_monitor(), settings.get_stack(), get_root_resource(), is_dry_run(),
            dict(runtime_config.CONFIG.get()), contextvars.Context().run(settings.get_monitor),
            contextvars.Context().run(settings.get_stack),
        )  # fmt: skip

    run("Thing('one')", config={"shop:size": "3"})
    before = state()
    run("Thing('one')", config={"shop:size": "3"})
    with pytest.raises(ProgramCrash):
        run("Thing('one')\n{}['missing']")
    assert state() == before
    assert contextvars.Context().run(settings.get_monitor) is None


def test_the_callers_event_loop_stays_its_own(run: Run) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        run("Thing('one')")
        assert asyncio.get_event_loop() is loop
        assert not loop.is_closed()
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_the_program_is_alone_with_its_settings(run: Run) -> None:
    def other_program() -> pulumi.Resource | None:
        settings.configure(settings.Settings(project="other", stack="other"))
        assert named(run("Thing('one')"), "one").urn.startswith("urn:pulumi:dev::shop::")
        assert (settings.get_project(), settings.get_stack()) == ("other", "other")
        return get_root_resource()

    assert contextvars.copy_context().run(other_program) is None
