"""Writes medium.json: directories of media as pydicom and dcmtk write them, and one whose records lie in another order than they point.

Debian: apt-get install python3-pydicom dcmtk; then /usr/bin/python3 medium.py
"""

import base64
import io
import json
import pathlib
import subprocess
import tempfile

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

CR, DX, CT = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.2"


def film(number, sop_class, modality, patient, day):
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = sop_class
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = f"2.25.{number}"
    data.PatientID, data.PatientName, data.StudyDate, data.StudyTime, data.Modality = patient, "Drawn^Nobody", day, "120000", modality
    data.StudyInstanceUID, data.SeriesInstanceUID, data.StudyID = f"2.25.{number}1", f"2.25.{number}2", f"S{number}"
    data.SeriesNumber = data.InstanceNumber = 1
    data.AccessionNumber = data.PatientSex = data.PatientBirthDate = ""
    data.SpecificCharacterSet = "ISO_IR 192"
    return data


FILMS = [
    film(1, CR, "CR", "P-1", "20260301"), film(2, DX, "DX", "P-1", "20260302"), film(3, CT, "CT", "P-2", "20260303"),
    film(4, CR, "CR", "P-3\u00e9", "20260304"),
]


def written(data):
    buffer = io.BytesIO()
    data.save_as(buffer, write_like_original=False)
    return buffer.getvalue()


def by_pydicom():
    files = FileSet()
    for data in FILMS:
        files.add(data)
    with tempfile.TemporaryDirectory() as folder:
        files.write(folder)
        return (pathlib.Path(folder) / "DICOMDIR").read_bytes()


def by_dcmtk():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "CR").mkdir()
        for number, data in enumerate(FILMS[:2], 1):
            (root / "CR" / f"IM{number}").write_bytes(written(data))
        subprocess.run(["dcmmkdir", "+id", folder, "+D", root / "DICOMDIR", "+r", "-W", "-Nxc"], check=True, capture_output=True)
        return (root / "DICOMDIR").read_bytes()


def reordered(directory):
    """All images first, then series, studies and patients; each points to what it pointed to before."""
    data = pydicom.dcmread(io.BytesIO(directory))
    pointers = ["OffsetOfTheNextDirectoryRecord", "OffsetOfReferencedLowerLevelDirectoryEntity"]
    old = {r.seq_item_tell: r for r in data.DirectoryRecordSequence}
    targets = {id(r): [old.get(r[p].value) for p in pointers] for r in old.values()}
    first = old[data.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity]
    order = sorted(old.values(), key=lambda r: ["IMAGE", "SERIES", "STUDY", "PATIENT"].index(r.DirectoryRecordType))
    data.DirectoryRecordSequence = Sequence(order)
    data.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 0
    for record in order:
        for pointer in pointers:
            record[pointer].value = 0
    again = pydicom.dcmread(io.BytesIO(written(data)))
    place = {id(r): a.seq_item_tell for r, a in zip(order, again.DirectoryRecordSequence)}
    for record in order:
        for pointer, target in zip(pointers, targets[id(record)]):
            record[pointer].value = place[id(target)] if target is not None else 0
    data.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = place[id(first)]
    data.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    return written(data)


pydicoms = by_pydicom()
files = {"pydicom": pydicoms, "dcmtk": by_dcmtk(), "reordered": reordered(pydicoms)}
pathlib.Path(__file__).with_name("medium.json").write_text(
    json.dumps({name: base64.b64encode(content).decode() for name, content in files.items()}, indent=1) + "\n")
