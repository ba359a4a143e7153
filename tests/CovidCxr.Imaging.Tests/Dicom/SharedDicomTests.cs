using System.Diagnostics;
using System.Globalization;
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
    const string Peer = "/usr/bin/dcm2pnm";

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
