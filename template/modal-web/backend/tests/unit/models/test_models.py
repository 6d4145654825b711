from backend.models import MODELS
from backend.schemas import load_inference_settings


def test_each_model_of_the_settings_can_be_made_and_no_other() -> None:
    assert set(MODELS) == set(load_inference_settings().models)
    for make in MODELS.values():
        assert callable(make(False).paint)
