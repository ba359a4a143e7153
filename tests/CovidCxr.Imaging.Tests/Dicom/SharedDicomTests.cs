using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Tests.Inputs;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Dicom;

/// <summary>The DICOM files that other libraries test with, beside the repository.</summary>
[Trait("Speed", "Slow")]
public class SharedDicomTests
{
    const string Peer = "/usr/bin/dcm2pnm", Python = "/usr/bin/python3";

    /// <summary>Secondary captures, whose pixels are read; of the same length as the classes of CT and MR.</summary>
    const string Capture = "1.2.840.10008.5.1.4.1.1.7";

    // Grey numbers of 32 bits as gdcm decodes them, colour weighed as here.
    const string Reference = """
        import sys, warnings
        warnings.simplefilter("ignore")
        import pydicom
        data = pydicom.dcmread(sys.argv[1])
        is_signed = data.PixelRepresentation
        data.decompress("gdcm")
        pixels = data.pixel_array.astype("<i4")
        if pixels.ndim == 3:
            pixels = (19595 * pixels[..., 0] + 38470 * pixels[..., 1] + 7471 * pixels[..., 2] + 32768) >> 16
        elif is_signed:
            # gdcm leaves two's complement of the stored bits as it is.
            sign = 1 << (data.BitsStored - 1)
            pixels = (pixels & (2 * sign - 1)) ^ sign
        if data.PhotometricInterpretation == "MONOCHROME1":
            pixels = (1 << data.BitsStored) - 1 - pixels
        sys.stdout.buffer.write(pixels.astype("<i4").tobytes())
        """;

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MinSidePixels = 1 }, takesBlank: true);

    static List<string> Files()
    {
        var root = SharedData.Root("dicom");
        Assert.SkipUnless(root is not null, "The DICOM files are not on this machine.");
        return [.. new[] { "dicom", "ihe" }.SelectMany(f => Directory.GetFiles(Path.Combine(root, f), "*", SearchOption.AllDirectories))];
    }

    [Fact]
    public void Decode_EveryFile_IsReadOrRefusedWithAReason()
    {
        var files = Files();

        var results = files.ToDictionary(f => f, f => Decoder.Decode(File.ReadAllBytes(f), TestContext.Current.CancellationToken));

        Assert.All(results.Values.OfType<DecodeResult.Decoded>(), d => Expect.WellFormed(d.Image));
        Assert.All(results.Values.OfType<DecodeResult.Refused>(), r => Assert.EndsWith(".", r.Message, StringComparison.Ordinal));
        Assert.IsType<DecodeResult.Decoded>(results.Single(r => Path.GetFileName(r.Key) == "chest-dx.dcm").Value);
        TestContext.Current.SendDiagnosticMessage(string.Join(
            "; ", results.Values.GroupBy(r => r is DecodeResult.Refused no ? no.Message : "read").Select(g => $"{g.Count()} {g.Key}")));
    }

    /// <summary>Of what is read, dcmtk shows the same grey values within one level of 256.</summary>
    [Fact]
    public void Decode_GreyFile_IsWithinALevelOfDcmtk()
    {
        Assert.SkipUnless(File.Exists(Peer), "No dcm2pnm here: apt-get install dcmtk.");
        var compared = 0;
        foreach (var file in Files())
        {
            var bytes = File.ReadAllBytes(file);
            var result = Decoder.Decode(bytes, TestContext.Current.CancellationToken);
            if (result is not DecodeResult.Decoded { Header: not null, Image: var image }
                || DicomFile.Open(bytes, 1 << 27) is not { } dicom || dicom.Set.Number(DicomTag.SamplesPerPixel) != 1
                || dicom.Set.Find(DicomTag.ModalityLut) is not null || Rendered(file) is not { } expected)
            {
                continue;
            }

            var stored = dicom.Set.Number(DicomTag.BitsStored)!.Value;
            var furthest = image.Samples.Zip(expected).Max(p => Math.Abs(Math.Round(p.First * 255.0 / ((1 << stored) - 1)) - p.Second));
            Assert.True(furthest <= 1, $"{Path.GetFileName(file)}: {furthest} grey levels");
            compared++;
        }

        Assert.InRange(compared, 5, 1000);
    }

    /// <summary>12-bit JPEG, JPEG-LS and JPEG 2000, of whatever class, as gdcm reads them; some are damaged on purpose.</summary>
    [Fact]
    public async Task Decode_FileOfANativeCodec_IsWithinALevelOfGdcm()
    {
        Assert.SkipUnless(JpegLs.Codec.IsPresent && Jpeg2000.Codec.IsPresent, "Not installed here: libcharls2 or libopenjp2-7.");
        List<string> refused = [], compared = [];
        foreach (var file in Files())
        {
            var bytes = AsCapture(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            if (DicomFile.Open(bytes, 1 << 27)?.Syntax.Coding is not
                (PixelCoding.ExtendedJpeg or PixelCoding.JpegLs or PixelCoding.Jpeg2000))
            {
                continue;
            }

            if (Decoder.Decode(bytes, TestContext.Current.CancellationToken) is not DecodeResult.Decoded { Image: var image })
            {
                refused.Add(Path.GetFileName(file));
                continue;
            }

            var expected = await ReferenceAsync(file);
            Assert.True(expected.Length == image.Samples.Length, $"{Path.GetFileName(file)}: {expected.Length} samples");
            var furthest = image.Samples.Zip(expected).Max(p => Math.Abs(p.First - p.Second));
            Assert.True(furthest <= 1, $"{Path.GetFileName(file)}: {furthest} levels");
            compared.Add(Path.GetFileName(file));
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{compared.Count} as gdcm: {string.Join(", ", compared)}; refused: {string.Join(", ", refused)}");
        Assert.InRange(compared.Count, 15, 1000);
    }

    // Whatever it holds, a secondary capture: the data set's class is the last place where it stands.
    static byte[] AsCapture(byte[] file)
    {
        foreach (var kind in (string[])["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.6.1"])
        {
            var start = (byte[])[8, 0, 0x16, 0, (byte)'U', (byte)'I', (byte)(kind.Length + (kind.Length % 2)), 0];
            if (file.AsSpan().IndexOf([.. start, .. Encoding.ASCII.GetBytes(kind)]) is > 0 and var at)
            {
                Encoding.ASCII.GetBytes(Capture.PadRight(kind.Length, '\0')).CopyTo(file, at + start.Length);
            }
        }

        return file;
    }

    static async Task<int[]> ReferenceAsync(string file)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", Reference, file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var output = new MemoryStream();
        var words = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.BaseStream.CopyToAsync(output, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen((await words).Contains("No module named", StringComparison.Ordinal), "No python3-pydicom or python3-gdcm here.");
        Assert.True(process.ExitCode == 0, $"{Path.GetFileName(file)}: {await words}");
        return [.. MemoryMarshal.Cast<byte, int>(output.ToArray())];
    }

    // The whole range of the stored bits, without a window.
    static byte[]? Rendered(string file)
    {
        using var process = Process.Start(new ProcessStartInfo(Peer, ["+op", "-O", "-W", file]) { RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        var pgm = output.ToArray();
        if (process.ExitCode != 0 || !pgm.AsSpan().StartsWith("P5\n"u8))
        {
            return null;
        }

        // Three lines of header, comments besides.
        var (at, lines) = (0, new List<string>());
        while (lines.Count < 3)
        {
            var end = pgm.AsSpan(at).IndexOf((byte)'\n');
            var line = Encoding.ASCII.GetString(pgm, at, end);
            at += end + 1;
            if (!line.StartsWith('#'))
            {
                lines.Add(line);
            }
        }

        var size = lines[1].Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return pgm.Length - at == size[0] * size[1] ? pgm[at..] : null;
    }
}
