"""Writes imaging.json: what Pillow, NumPy and matplotlib say, for the tests of this project.

Run: python3 imaging.py > imaging.json   (Pillow 9.4, NumPy 1.24, matplotlib 3.6)
"""
import base64
import io
import json

import matplotlib
import numpy as np
from PIL import Image

random = np.random.default_rng(20210034)


def rounded(values):
    return [round(float(v), 6) for v in np.asarray(values).ravel()]


def resize():
    cases = []
    for width, height, to_width, to_height in [(13, 9, 5, 4), (7, 6, 16, 11), (5, 5, 5, 5), (31, 2, 4, 7), (20, 16, 10, 8), (3, 1, 7, 2)]:
        source = np.array(rounded(random.random((height, width))), dtype=np.float32).reshape(height, width)
        result = Image.fromarray(source, "F").resize((to_width, to_height), Image.Resampling.BILINEAR)
        cases.append({"width": width, "height": height, "toWidth": to_width, "toHeight": to_height,
                      "source": rounded(source), "expected": rounded(np.array(result))})
    return cases


def rotate():
    source = np.array(rounded(random.random((15, 15))), dtype=np.float32).reshape(15, 15)
    return [{"degrees": degrees, "side": 15, "source": rounded(source),
             "expected": rounded(np.array(Image.fromarray(source, "F").rotate(degrees, Image.Resampling.BILINEAR)))}
            for degrees in (10, -15)]


def percentiles():
    samples = np.clip(random.normal(1800, 600, 400), 0, 4095).astype(int)
    return {"samples": samples.tolist(),
            "cases": [{"low": low, "high": high,
                       "lowValue": int(np.percentile(samples, low, method="inverted_cdf")),
                       "highValue": int(np.percentile(samples, high, method="inverted_cdf"))}
                      for low, high in [(0, 100), (0.5, 99.5), (1, 99), (2.3, 97.1), (50, 75)]]}


def files():
    grey = random.integers(0, 256, (6, 8)).astype(np.uint8)
    wide = random.integers(0, 65536, (6, 8)).astype(np.uint16)
    colour = random.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    # JPEG keeps smooth pictures nearly as they are, so decoders differ by rounding alone.
    smooth = np.add.outer(np.arange(24) * 5, np.arange(32) * 3).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    result = []

    def add(name, image, bits, expected=None, tolerance=0, **how):
        stream = io.BytesIO()
        image.save(stream, **how)
        if expected is None:
            expected = np.array(Image.open(io.BytesIO(stream.getvalue())).convert("L"))
        result.append({"name": name, "bits": bits, "tolerance": tolerance, "width": expected.shape[1], "height": expected.shape[0],
                       "file": base64.b64encode(stream.getvalue()).decode(), "samples": expected.ravel().tolist()})

    add("grey PNG", Image.fromarray(grey), 8, grey, format="png")
    add("16-bit PNG", Image.fromarray(wide), 16, wide, format="png")
    add("1-bit PNG", Image.fromarray(grey > 127), 8, np.where(grey > 127, 255, 0), format="png")
    add("RGB PNG", Image.fromarray(colour), 8, format="png")
    add("palette PNG", Image.fromarray(colour).quantize(16), 8, format="png")
    add("grey and alpha PNG", Image.merge("LA", [Image.fromarray(grey), Image.new("L", (8, 6), 255)]), 8, grey, format="png")
    add("uncompressed TIFF", Image.fromarray(grey), 8, grey, format="tiff")
    add("LZW TIFF", Image.fromarray(grey), 8, grey, format="tiff", compression="tiff_lzw")
    add("deflate TIFF", Image.fromarray(grey), 8, grey, format="tiff", compression="tiff_adobe_deflate")
    add("16-bit TIFF", Image.fromarray(wide), 16, wide, format="tiff")
    add("RGB TIFF", Image.fromarray(colour), 8, format="tiff")
    add("palette TIFF", Image.fromarray(colour).quantize(16), 8, format="tiff")
    add("baseline JPEG", Image.fromarray(smooth), 8, tolerance=1, format="jpeg", quality=95)
    add("progressive JPEG", Image.fromarray(smooth), 8, tolerance=1, format="jpeg", quality=95, progressive=True)
    add("RGB JPEG", Image.fromarray(smooth).convert("RGB"), 8, tolerance=2, format="jpeg", quality=95)
    turned = Image.open(io.BytesIO(base64.b64decode(next(f for f in result if f["name"] == "baseline JPEG")["file"])))
    add("JPEG turned by EXIF", Image.fromarray(smooth), 8, np.rot90(np.array(turned), -1), 1, format="jpeg", quality=95, exif=exif)
    return result


def refused():
    result = []
    for mode, how in [("CMYK", {"format": "jpeg"}), ("CMYK", {"format": "tiff"}), ("F", {"format": "tiff"}), ("I", {"format": "tiff"})]:
        compression = {"compression": "tiff_lzw"} if how["format"] == "tiff" else {}
        stream = io.BytesIO()
        Image.fromarray(np.full((70, 70), 99, np.uint8)).convert(mode).save(stream, **how, **compression)
        result.append({"name": f"{mode} {how['format']}", "file": base64.b64encode(stream.getvalue()).decode()})
    return result


inferno = (np.array(matplotlib.colormaps["inferno"].colors) * 255).round().astype(int)
print(json.dumps({"resize": resize(), "rotate": rotate(), "percentiles": percentiles(), "files": files(), "refused": refused(),
                  "inferno": bytes(inferno.astype(np.uint8).ravel().tolist()).hex()}))
