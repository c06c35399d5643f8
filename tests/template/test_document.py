import pytest
from forms import TEMPLATE

from ocrdigits.errors import UsageError
from ocrdigits.settings import Settings
from ocrdigits.template.document import read_template
from ocrdigits.template.form import load_form

GOOD = TEMPLATE.read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path):
    def write_changed(old="", new=""):
        assert old in GOOD
        path = tmp_path / "form.toml"
        path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
        return path

    return write_changed


def test_a_template_says_what_the_file_says(write):
    template = read_template(write())
    assert [field.name for field in template.fields][:3] == ["customer", "postal_code", "parcels"]
    assert template.fields[0].required and template.fields[0].demands.length == (6, 6)
    assert template.reference.blank
    assert template.sums[0].parts == ("goods", "freight")


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        ("length = 6", "lenght = 6", ("field 1 (customer)", "'lenght'", "did you mean 'length'")),
        ("[[sums]]", "[[sum]]", ("'sum'", "did you mean 'sums'")),
        ("width = 1240", "widht = 1240", ("reference", "did you mean 'width'")),
        ('"postal-5"', '"postcode"', ("field 2 (postal_code)", "unknown content 'postcode'")),
        ("length = 6", 'checksum = "lun"', ("field 1 (customer)", "did you mean 'luhn'")),
        ("length = 6", "pattern = '('", ("field 1 (customer)", "no regular expression")),
        ("length = 6", "length = [6, 2]", ("field 1 (customer)", "[least, most]")),
        ("range = [1, 500]", "range = [500, 1]", ("field 3 (parcels)", "range")),
        ("[420, 345, 396, 80]", "[420, 345, 900, 80]", ("field 1 (customer)", "ends at (1320")),
        ("[420, 345, 396, 80]", "[420, 345, 396]", ("field 1 (customer)", "[x, y, width")),
        ("[420, 345, 396, 80]", "[420, 345, 3, 80]", ("field 1 (customer)", "at least 4 × 4")),
        ('"freight"]', '"fright"]', ("sum 1", "did you mean 'freight'")),
        ('"customer"', '"file"', ("field file", "already")),
        ('"customer"', '"date"', ("field date", "already")),
        ('"customer"', '"=1+1"', ("field 1", "letter")),
        ('decimal = "."', 'decimal = "x"', ("field 6 (goods)", "decimal")),
        ("required = true", 'required = "yes"', ("field 1 (customer)", "true or false")),
        ("[reference]", "[reference", ("not a TOML file",)),
        ('sha256 = "', 'sha256 = "x', ("reference", "hexadecimal")),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_place(write, old, new, facts):
    path = write(old, new)
    with pytest.raises(UsageError) as error:
        read_template(path)
    assert all(fact in str(error.value) for fact in (str(path), *facts)), str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_template_is_told():
    with pytest.raises(UsageError, match="template new"):
        read_template(TEMPLATE.parent / "none.toml")


def test_the_reference_must_be_there_and_be_the_one(write, tmp_path):
    path = write()
    with pytest.raises(UsageError, match=r"form\.toml: reference: .*no such file"):
        load_form(path, Settings())
    picture = tmp_path / "form.png"
    picture.write_bytes((TEMPLATE.parent / "form.png").read_bytes() + b" ")
    with pytest.raises(UsageError, match=r"not the picture .*SHA-256"):
        load_form(path, Settings())
    picture.write_bytes((TEMPLATE.parent / "form.png").read_bytes())
    with pytest.raises(UsageError, match=r"1240 × 1754 pixels, not 1300"):
        load_form(write("width = 1240", "width = 1300"), Settings())
