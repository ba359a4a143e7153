"""Writes dicom.json: small DICOM files and the grey samples that they mean, computed with NumPy from the array before it was written.

What a lossy coding makes of them is what dcmtk and opj_decompress read, which the samples are then compared with.

Debian: apt-get install python3-pydicom python3-numpy python3-pil dcmtk libopenjp2-tools; then /usr/bin/python3 dicom.py
"""

import base64
import io
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000, JPEG2000Lossless,
    JPEGBaseline8Bit)

HEIGHT, WIDTH = 21, 25
ROWS, COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH]
NOISE = np.random.RandomState(15).randint(0, 40, (HEIGHT, WIDTH))
GREY12 = (ROWS * 120 + COLUMNS * 50 + NOISE).astype(np.uint16)
GREY8 = (ROWS * 6 + COLUMNS * 3 + NOISE).astype(np.uint8)
GREY16 = (GREY12.astype(np.int64) * 16 + NOISE % 16).astype(np.uint16)
SIGNED12 = GREY12.astype(np.int16) - 2048
RGB = np.stack([GREY8, GREY8 // 2, 255 - GREY8], axis=2)

cases = []


def make(pixels, bits, high=None, syntax=ExplicitVRLittleEndian, signed=False, **attributes):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    meta.MediaStorageSOPInstanceUID = "2.25.15"
    meta.TransferSyntaxUID = syntax
    data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    data.is_implicit_VR = syntax == ImplicitVRLittleEndian
    data.is_little_endian = syntax != ExplicitVRBigEndian
    data.SpecificCharacterSet = "ISO_IR 100"
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID, data.SeriesInstanceUID = "2.25.16", "2.25.17"
    data.StudyDate, data.AcquisitionDate, data.Modality, data.AccessionNumber = "20260228", "20260301", "CR", "A-0815"
    data.PatientID, data.PatientName, data.PatientSex, data.PatientBirthDate = "P-\xe4 7", "Doe^Jo", "F", "19650302"
    data.BodyPartExamined, data.ViewPosition, data.ImageLaterality = "CHEST", "PA", "U"
    data.StudyID = "1"
    data.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    data.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        data.PlanarConfiguration = 0
    data.Rows, data.Columns = HEIGHT, WIDTH
    data.BitsAllocated, data.BitsStored, data.HighBit = pixels.dtype.itemsize * 8, bits, bits - 1 if high is None else high
    data.PixelRepresentation = int(signed)
    for name, value in attributes.items():
        setattr(data, name, value)
    raw = pixels if data.is_little_endian or pixels.dtype.itemsize == 1 else pixels.astype(pixels.dtype.newbyteorder(">"))
    data.PixelData = raw.tobytes() + b"\0" * (raw.nbytes % 2)
    data["PixelData"].VR = "OW" if data.BitsAllocated == 16 else "OB"
    return data


def write(data):
    with tempfile.NamedTemporaryFile() as file:
        dcmwrite(file.name, data, write_like_original=False)
        return pathlib.Path(file.name).read_bytes()


def add(name, content, bits, samples, tolerance=0):
    cases.append({
        "name": name, "file": base64.b64encode(content).decode(), "bits": bits,
        "samples": np.asarray(samples).astype(int).ravel().tolist(), "tolerance": tolerance})


def recode(content, *command):
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "a.dcm"), pathlib.Path(folder, "b.dcm")
        source.write_bytes(content)
        subprocess.run([*command, source, target], check=True)
        return target.read_bytes()


for name, syntax in [("explicit", ExplicitVRLittleEndian), ("implicit", ImplicitVRLittleEndian), ("big endian", ExplicitVRBigEndian),
                     ("deflated", DeflatedExplicitVRLittleEndian)]:
    add(name, write(make(GREY12, 12, syntax=syntax)), 16, GREY12)

plain = write(make(GREY12, 12))
start = 144 + int.from_bytes(plain[140:144], "little")
add("no preamble", plain[132:], 16, GREY12)
add("no meta group", plain[start:], 16, GREY12)
implicit = write(make(GREY12, 12, syntax=ImplicitVRLittleEndian))
add("no meta group, implicit", implicit[144 + int.from_bytes(implicit[140:144], "little"):], 16, GREY12)
add("8 bit", write(make(GREY8, 8)), 8, GREY8)
add("8 bit, big endian", write(make(GREY8, 8, syntax=ExplicitVRBigEndian)), 8, GREY8)
add("16 bit", write(make(GREY16, 16)), 16, GREY16)
add("MONOCHROME1", write(make(GREY12, 12, PhotometricInterpretation="MONOCHROME1")), 16, 4095 - GREY12)
add("INVERSE", write(make(GREY12, 12, PresentationLUTShape="INVERSE")), 16, 4095 - GREY12)
add("signed", write(make(SIGNED12, 12, signed=True)), 16, GREY12)
add("signed 16 bit", write(make((GREY16.astype(int) - 32768).astype(np.int16), 16, signed=True)), 16, GREY16)
add("high bit 15", write(make((GREY12 << 4) | (NOISE % 16).astype(np.uint16), 12, high=15)), 16, GREY12)
add("overlay bits above", write(make(GREY12 | ((NOISE % 16) << 12).astype(np.uint16), 12)), 16, GREY12)
add("rescale", write(make(GREY12, 12, RescaleSlope="0.5", RescaleIntercept="-1000")), 16, GREY12)
add("falling rescale", write(make(GREY12, 12, RescaleSlope="-1", RescaleIntercept="4095")), 16, 4095 - GREY12)

lut = Dataset()
table = [(i * i) % 65536 for i in range(200)]
lut.LUTDescriptor, lut.ModalityLUTType, lut.LUTData = [200, 20, 16], "US", table
for item in (lut,):
    item["LUTDescriptor"].VR = "US"
    item["LUTData"].VR = "US"
expected = np.array(table)[np.clip(GREY8.astype(int) - 20, 0, 199)]
add("modality table", write(make(GREY8, 8, ModalityLUTSequence=Sequence([lut]))), 16, expected)

nested = Dataset()
nested.StudyID = "inner"
for _ in range(20):
    outer = Dataset()
    outer.ReferencedStudySequence = Sequence([nested])
    outer["ReferencedStudySequence"].is_undefined_length = True
    outer.is_undefined_length_sequence_item = True
    nested = outer
for name, syntax in [("explicit", ExplicitVRLittleEndian), ("implicit", ImplicitVRLittleEndian)]:
    data = make(GREY12, 12, syntax=syntax, ReferencedStudySequence=Sequence([nested]))
    data["ReferencedStudySequence"].is_undefined_length = True
    data.private_block(0x0019, "COVIDCXR", create=True).add_new(1, "OB", b"secret")
    add(f"nested without lengths, {name}", write(data), 16, GREY12)

grey = (19595 * RGB[..., 0].astype(int) + 38470 * RGB[..., 1].astype(int) + 7471 * RGB[..., 2].astype(int) + 32768) >> 16
add("colour", write(make(RGB, 8)), 8, grey)
planes = make(RGB, 8, PlanarConfiguration=1)
planes.PixelData = RGB.transpose(2, 0, 1).tobytes() + b"\0"
add("colour by plane", write(planes), 8, grey)

for name, data, bits, samples in [("8 bit", make(GREY8, 8), 8, GREY8), ("12 bit", make(GREY12, 12), 16, GREY12),
                                  ("16 bit", make(GREY16, 16), 16, GREY16), ("colour", make(RGB, 8), 8, grey)]:
    add(f"RLE, {name}", recode(write(data), "dcmcrle"), bits, samples)
for selection in range(1, 8):
    add(f"lossless JPEG, predictor {selection}", recode(write(make(GREY12, 12)), "dcmcjpeg", "+el", "+sv", str(selection)), 16, GREY12)
add("lossless JPEG, first order", recode(write(make(GREY16, 16)), "dcmcjpeg", "+e1"), 16, GREY16)
add("lossless JPEG, 8 bit", recode(write(make(GREY8, 8)), "dcmcjpeg", "+e1"), 8, GREY8)
baseline = make(GREY8, 8)
jpeg = io.BytesIO()
Image.fromarray(GREY8).save(jpeg, "JPEG", quality=100)
baseline.PixelData = encapsulate([jpeg.getvalue()])
baseline["PixelData"].is_undefined_length = True
baseline.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
add("JPEG", write(baseline), 8, GREY8, tolerance=3)


def stored(content):
    return pydicom.dcmread(io.BytesIO(content)).pixel_array


def wrapped(data, syntax, codestream):
    data.PixelData = encapsulate([codestream])
    data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", True
    data.file_meta.TransferSyntaxUID = syntax
    return write(data)


def jpeg2000(pixels, bits, *options, signed=False, boxes=False):
    """The codestream, and what opj_decompress reads in it."""
    with tempfile.TemporaryDirectory() as folder:
        source, target, back = (pathlib.Path(folder, n) for n in ("a.rawl", "b.jp2" if boxes else "b.j2k", "c.rawl"))
        planes = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        source.write_bytes(planes.tobytes())
        form = f"{WIDTH},{HEIGHT},{1 if pixels.ndim == 2 else 3},{bits},{'s' if signed else 'u'}"
        subprocess.run(["opj_compress", "-i", source, "-o", target, "-F", form, "-n", "3", *options], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["opj_decompress", "-i", target, "-o", back], check=True, stdout=subprocess.DEVNULL)
        return target.read_bytes(), np.frombuffer(back.read_bytes(), pixels.dtype).reshape(planes.shape)


for name, data, expected in [("12 bit", make(GREY12, 12), GREY12), ("8 bit", make(GREY8, 8), GREY8)]:
    content = recode(write(data), "dcmcjpeg", "+ee", "+q", "95")
    decoded = stored(recode(content, "dcmdjpeg"))
    assert np.abs(decoded.astype(int) - expected).max() < 40
    add(f"JPEG extended, {name}", content, 8 if name == "8 bit" else 16, decoded, tolerance=1)

for name, data, bits, samples in [("8 bit", make(GREY8, 8), 8, GREY8), ("12 bit", make(GREY12, 12), 16, GREY12),
                                  ("16 bit", make(GREY16, 16), 16, GREY16), ("signed", make(SIGNED12, 12, signed=True), 16, GREY12),
                                  ("colour", make(RGB, 8), 8, grey)]:
    add(f"JPEG-LS, {name}", recode(write(data), "dcmcjpls"), bits, samples)
add("JPEG-LS, colour by line", recode(write(make(RGB, 8)), "dcmcjpls", "+il"), 8, grey)
add("JPEG-LS, colour by plane", recode(write(make(RGB, 8)), "dcmcjpls", "+in"), 8, grey)
near = recode(write(make(GREY12, 12)), "dcmcjpls", "+en", "+md", "3")
add("JPEG-LS, near-lossless", near, 16, stored(recode(near, "dcmdjpls")))

for name, data, pixels, bits, samples in [
        ("8 bit", make(GREY8, 8), GREY8, 8, GREY8), ("12 bit", make(GREY12, 12), GREY12, 16, GREY12),
        ("16 bit", make(GREY16, 16), GREY16, 16, GREY16),
        ("signed", make(SIGNED12, 12, signed=True), SIGNED12, 16, GREY12), ("colour", make(RGB, 8), RGB, 8, grey)]:
    codestream, _ = jpeg2000(pixels, data.BitsStored, signed=data.PixelRepresentation == 1)
    add(f"JPEG 2000, {name}", wrapped(data, JPEG2000Lossless, codestream), bits, samples)
transformed = make(RGB, 8, PhotometricInterpretation="YBR_RCT")
add("JPEG 2000, colour transformed", wrapped(transformed, JPEG2000Lossless, jpeg2000(RGB, 8, "-mct", "1")[0]), 8, grey)
wider = make(SIGNED12, 16, signed=True)
# As gdcm writes it: fewer bits than the header says.
add("JPEG 2000, signed in 16 bits", wrapped(wider, JPEG2000Lossless, jpeg2000(SIGNED12, 12, signed=True)[0]), 16,
    SIGNED12.astype(int) + 32768)
unsigned = make(SIGNED12, 12, signed=True)
add("JPEG 2000, signed without a sign", wrapped(unsigned, JPEG2000Lossless, jpeg2000(SIGNED12.view(np.uint16) & 4095, 12)[0]), 16, GREY12)
add("JPEG 2000, boxes around", wrapped(make(GREY12, 12), JPEG2000Lossless, jpeg2000(GREY12, 12, boxes=True)[0]), 16, GREY12)
tiles = jpeg2000(GREY12, 12, "-t", "16,16", "-TP", "R")[0]
add("JPEG 2000, tiles", wrapped(make(GREY12, 12), JPEG2000Lossless, tiles), 16, GREY12)
codestream, decoded = jpeg2000(GREY12, 12, "-I", "-r", "2")
assert not np.array_equal(decoded, GREY12)
add("JPEG 2000, lossy", wrapped(make(GREY12, 12), JPEG2000, codestream), 16, decoded, tolerance=1)

lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
(pathlib.Path(__file__).parent / "dicom.json").write_text(f"[\n{lines}\n]\n")
print(len(cases), "files")
