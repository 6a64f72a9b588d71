"""Reading the time loop out of a disassembled kernel."""

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
LISTING = """
.text.kernel:
        /*0000*/                   MOV R1, c[0x0][0x28] ;
.L_x_0:
        /*0010*/                   IADD3 R2, R2, 0x1, RZ ;
        /*0020*/              @!P0 BRA `(.L_x_0) ;
        /*0030*/                   BRA `(.L_x_2) ;
.L_x_1:
        /*0040*/                   IMAD.WIDE.U32 R4, R2, R3, RZ ;
        /*0050*/              @P1  LOP3.LUT R4, R4, R5, RZ, 0x3c, !PT ;
.L_x_2:
        /*0060*/                   FFMA R6, R6, R7, R8 ;
        /*0070*/               @P0 BRA `(.L_x_1) ;
        /*0080*/                   EXIT ;
"""


@pytest.fixture
def gpu_code(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import gpu_code

    yield gpu_code
    for name in ("gpu_code", "equations", "problem", "references", "timing"):
        sys.modules.pop(name, None)


def test_the_longest_loop_is_found(gpu_code):
    assert gpu_code.time_loop(LISTING) == ["IMAD.WIDE.U32", "LOP3.LUT", "FFMA", "BRA"]


def test_a_kernel_without_a_loop_has_none(gpu_code):
    assert gpu_code.time_loop("/*0000*/ EXIT ;") == []
