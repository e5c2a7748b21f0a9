"""Makes the pictures beside it, and for each what another decoder (Pillow) makes of it, as RGB PNG.

Run with Pillow 13 and numpy in this folder. The content is drawn here; nothing is copied from elsewhere.
"""
import numpy as np
from PIL import Image

H, W = 18, 26
y, x = np.mgrid[0:H, 0:W]
RGB = np.stack([x * 9 + 10, y * 13 + 8, (x * 5 + y * 6) % 256], -1).astype(np.uint8)
RGB[4:9, 5:12] = (200, 40, 30)
ALPHA = np.clip(x * 11, 0, 255).astype(np.uint8)
rgb = Image.fromarray(RGB)
grey = rgb.convert("L")


def keep(name, image, expected, **how):
    image.save(name, **how)
    Image.fromarray(np.asarray(expected, np.uint8)).convert("RGB").save(name + ".expected.png")


def opened(name):
    return np.asarray(Image.open(name).convert("RGB"))


def on_white(colour, alpha):
    a = alpha[..., None].astype(np.int64)
    return (colour * a + 255 * (255 - a) + 127) // 255


for name, image, how in [
    ("colour.jpg", rgb, {"quality": 90}),
    ("progressive.jpg", rgb, {"quality": 90, "progressive": True}),
    ("full-chroma.jpg", rgb, {"quality": 95, "subsampling": 0}),
    ("grey.jpg", grey, {"quality": 90}),
    ("cmyk.jpg", rgb.convert("CMYK"), {"quality": 95}),
    ("lossy.webp", rgb, {"quality": 90}),
    ("lossless.webp", rgb, {"lossless": True}),
    ("lzw.tif", rgb, {"compression": "tiff_lzw"}),
    ("plain.tif", rgb, {}),
    ("deflate-grey.tif", grey, {"compression": "tiff_adobe_deflate"}),
    ("palette.tif", rgb.quantize(16), {}),
    ("bilevel.tif", grey.point(lambda v: 255 * (v > 90)).convert("1"), {"compression": "group4"}),
    ("cmyk.tif", rgb.convert("CMYK"), {}),
    ("colour.bmp", rgb, {}),
    ("palette.bmp", rgb.quantize(16), {}),
    ("bilevel.bmp", grey.point(lambda v: 255 * (v > 90)).convert("1"), {}),
    ("colour.png", rgb, {}),
    ("grey.png", grey, {}),
    ("palette.png", rgb.quantize(200), {}),
    ("palette-4-bit.png", rgb.quantize(16), {"bits": 4}),
    ("palette-2-bit.png", rgb.quantize(4), {"bits": 2}),
    ("bilevel.png", grey.point(lambda v: 255 * (v > 90)).convert("1"), {}),
]:
    image.save(name, **how)
    Image.fromarray(opened(name)).save(name + ".expected.png")

deep = (x * 2500 + y * 37).astype(np.uint16)
scaled = np.repeat(((deep.astype(np.int64) * 255 + 32767) // 65535)[..., None], 3, -1)
keep("grey-16-bit.png", Image.fromarray(deep), scaled)
keep("grey-16-bit.tif", Image.fromarray(deep), scaled)
keep("alpha.png", Image.fromarray(np.dstack([RGB, ALPHA])), on_white(RGB, ALPHA))
keep("alpha.webp", Image.fromarray(np.dstack([RGB, ALPHA])), on_white(RGB, ALPHA), lossless=True, exact=True)
g = np.asarray(grey)
keep("grey-alpha.png", Image.fromarray(np.dstack([g, ALPHA])), on_white(np.repeat(g[..., None], 3, -1), ALPHA))
clear = rgb.quantize(16)
table = np.arange(16) * 17
indices = np.asarray(clear)
colours = np.array(clear.getpalette()[:48]).reshape(16, 3)
keep("palette-alpha.png", clear, on_white(colours[indices], table[indices]), transparency=bytes(table.tolist()))

for orientation in range(1, 9):
    exif = Image.Exif()
    exif[274] = orientation
    name = f"orientation-{orientation}.jpg"
    rgb.save(name, quality=95, subsampling=0, exif=exif)
    from PIL import ImageOps
    turned = ImageOps.exif_transpose(Image.open(name)).convert("RGB")
    turned.save(name + ".expected.png", exif=b"")
exif = Image.Exif()
exif[274] = 6
rgb.save("orientation.png", exif=exif)
rgb.save("orientation.webp", exif=exif, lossless=True)
rgb.save("orientation.tif", tiffinfo={274: 6})
for name in ["orientation.png", "orientation.webp", "orientation.tif"]:
    Image.fromarray(np.rot90(RGB, -1).copy()).save(name + ".expected.png")
frames = [rgb, rgb.rotate(180)]
rgb.save("animated.webp", save_all=True, append_images=frames[1:], lossless=True)
rgb.save("animated.png", save_all=True, append_images=frames[1:])
