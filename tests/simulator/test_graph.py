from hypothesis import given
from hypothesis import strategies as st

from simulator.graph import Resource, in_tree_order, stack_urn, urn_of


def _resource(urn: str, parent: str) -> Resource:
    return Resource(
        urn=urn,
        type="t",
        name=urn,
        parent=parent,
        custom=True,
        inputs={},
        dependencies=(),
        property_dependencies={},
        protect=False,
        source=None,
    )


@st.composite
def _trees(draw: st.DrawFn) -> list[Resource]:
    parents = draw(st.lists(st.integers(min_value=0), max_size=12))
    urns = [f"u{index}" for index in range(len(parents) + 1)]
    below = [_resource(urns[i + 1], urns[parent % (i + 1)]) for i, parent in enumerate(parents)]
    return [_resource(urns[0], ""), *below]


@given(tree=_trees(), data=st.data())
def test_the_order_does_not_depend_on_the_order_of_registration(tree: list[Resource], data: st.DataObject) -> None:
    assert in_tree_order(data.draw(st.permutations(tree))) == in_tree_order(tree)


@given(tree=_trees())
def test_every_resource_is_there_once_and_after_its_parent(tree: list[Resource]) -> None:
    order = [resource.urn for resource in in_tree_order(tree)]
    assert sorted(order) == sorted(resource.urn for resource in tree)
    assert all(order.index(one.parent) < order.index(one.urn) for one in tree if one.parent)


def test_the_urn_of_the_stack_names_project_and_stack() -> None:
    assert stack_urn("shop", "dev") == "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def test_a_child_of_the_stack_has_no_parent_type_in_its_urn() -> None:
    parent = stack_urn("shop", "dev")
    urn = urn_of(project="shop", stack="dev", parent=parent, kind="aws:s3/bucket:Bucket", name="b")
    assert urn == "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::b"
