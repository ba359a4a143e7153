using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Tests.Inputs;

namespace CovidCxr.Imaging.Tests.Dicom;

/// <summary>
/// Seeded damage to each kind of file: a picture or a reason, never an exception. COVIDCXR_MUTATIONS=100000 makes it more.
/// </summary>
public class DicomMutationTests
{
    const int Default = 4000;

    static readonly ScanDecoder Decoder = new(new ImagingOptions { MaxMegapixels = 4, MinSidePixels = 1, MaxFileMegabytes = 4 });

    static DecodeResult Decode(byte[] file) => Decoder.Decode(file, TestContext.Current.CancellationToken);

    [Fact]
    public void Decode_DamagedDicom_IsAPictureOrAReason()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("COVIDCXR_MUTATIONS"), out var asked) ? asked : Default;
        var files = DicomFixture.All.Values.Select(f => f.File).ToArray();
        var read = 0;
        for (var round = 0; round < rounds; round++)
        {
            var result = Decode(Mutate(files[round % files.Length], new SplitMix64(round)));
            if (result is DecodeResult.Decoded decoded)
            {
                Expect.WellFormed(decoded.Image);
                read++;
            }
            else
            {
                Assert.EndsWith(".", ((DecodeResult.Refused)result).Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(read, 1, rounds - 1);
    }

    static byte[] Mutate(byte[] file, SplitMix64 random)
    {
        byte[] bytes = [.. file];
        switch (random.Below(6))
        {
            case 0:
                return bytes[..random.Below(bytes.Length)];
            case 1:
                var at = random.Below(bytes.Length);
                return [.. bytes[..at], .. bytes[random.Below(at + 1)..]];
            case 2:
                // Lengths and counts of all ones, zeros or the sign alone.
                byte[] extreme = [0, 0x7F, 0x80, 0xFF];
                bytes.AsSpan(random.Below(bytes.Length - 4), 4).Fill(extreme[random.Below(4)]);
                return bytes;
            default:
                for (var i = 1 + random.Below(8); i > 0; i--)
                {
                    bytes[random.Below(bytes.Length)] = (byte)random.Below(256);
                }

                return bytes;
        }
    }
}
