from harvests.pipeline.seen import Seen


def test_a_url_is_new_once():
    seen = Seen()
    assert seen.add(["a", "b", "a"]) == ["a", "b"]
    assert seen.add(["b", "c"]) == ["c"]
    seen.close()


def test_what_was_not_added_is_absent():
    seen = Seen()
    seen.add(["a", "é\udce9"])
    assert seen.absent(["a", "x", "é\udce9"]) == {"x"}
    assert seen.absent([]) == set()
    seen.close()
