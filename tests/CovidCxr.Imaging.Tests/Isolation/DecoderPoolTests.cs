using System.Diagnostics;
using System.Globalization;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Isolation;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Dicom;

namespace CovidCxr.Imaging.Tests.Isolation;

/// <summary>Whatever becomes of a process that decodes, it is a picture or a reason for one file, and the next file is read.</summary>
[Trait("Speed", "Slow")]
public sealed class DecoderPoolTests : IDisposable
{
    static readonly GreyImage Film = PhantomDrawer.Draw(PhantomKind.Clear, seed: 3, 512, bits: 16);
    static readonly byte[] Png = PngEncoder.Encode(Film);

    // One that dies before it has a film is not given one.
    const string ReadsALittle = "head -c 20 > /dev/null; ";

    readonly List<string> _notes = [];
    readonly List<IDisposable> _pools = [];

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Decode_GoodFilm_GivesTheSamplesOfADecoderInThisProcess(int bits)
    {
        var png = PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.LobarOpacity, seed: 5, 300, bits));
        var pool = NewPool();

        var there = Assert.IsType<DecodeResult.Decoded>(pool.For(new()).Decode(png));

        var here = Assert.IsType<DecodeResult.Decoded>(new ScanDecoder(new()).Decode(png));
        Assert.Equal((here.Image.PixelHash(), here.Format), (there.Image.PixelHash(), there.Format));
    }

    [Fact]
    public void Decode_RefusedFilm_SaysWhatADecoderInThisProcessSays()
    {
        byte[][] files = [[], [1, 2, 3], Png[..^20], PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, 64, bits: 8))];
        var limits = new ImagingOptions { MinSidePixels = 65 };
        var there = NewPool().For(limits);

        Assert.All(files, file => Assert.Equal(new ScanDecoder(limits).Decode(file), there.Decode(file)));
        Assert.Empty(_notes);
    }

    [Fact]
    public void Decode_Mask_TakesItsOwnLimits()
    {
        var black = PngEncoder.Encode(new(10, 10, 8, new ushort[100]));
        var pool = NewPool();

        Assert.IsType<DecodeResult.Decoded>(pool.For(new() { MinSidePixels = 1 }, takesBlank: true).Decode(black));
        Assert.IsType<DecodeResult.Refused>(pool.For(new() { MinSidePixels = 1 }).Decode(black));
    }

    [Theory]
    [InlineData("exit 3")]
    [InlineData("kill -9 $$")]
    [InlineData("head -c 4000 /dev/urandom; cat > /dev/null")]
    [InlineData("head -c 100 /dev/zero; cat > /dev/null")]
    // The right mark, then words of 2 GB.
    [InlineData(@"printf 'CDXF\377\377\377\177'; cat > /dev/null")]
    // A picture of a million times a million.
    [InlineData(@"printf 'CDXF\74\0\0\0{""Width"":1000000,""Height"":1000000,""Bits"":16,""Format"":0}     '; cat > /dev/null")]
    // A refusal with a control character.
    [InlineData(@"printf 'CDXF\33\0\0\0{""Reason"":1,""Message"":""\\b""}'; cat > /dev/null")]
    public void Decode_ProcessThatDiesOrLies_IsARefusalOfThisFileAlone(string script)
    {
        var starts = 0;
        var pool = NewPool(new() { Decoders = 1 }, () => ++starts <= 2 ? Shell(ReadsALittle + script) : Self(10, 768));

        var bad = Assert.IsType<DecodeResult.Refused>(pool.For(new()).Decode(Png));
        var good = Assert.IsType<DecodeResult.Decoded>(pool.For(new()).Decode(Png));

        Assert.Equal(RefusalReason.DecoderEnded, bad.Reason);
        Assert.Equal(Film.PixelHash(), good.Image.PixelHash());
        Assert.Equal(2, _notes.Count);
        Assert.Equal(3, starts);
    }

    [Fact]
    public void Decode_ProcessThatDiesOnce_IsReadByTheNext()
    {
        var starts = 0;
        var pool = NewPool(new() { Decoders = 1 }, () => ++starts == 1 ? Shell(ReadsALittle + "kill -9 $$") : Self(10, 768));

        Assert.IsType<DecodeResult.Decoded>(pool.For(new()).Decode(Png));
    }

    [Fact]
    public void Decode_ProcessThatHangs_IsKilledAtItsTime()
    {
        var starts = 0;
        var pool = NewPool(
            new() { Decoders = 1, DecodeSeconds = 1 }, () => ++starts == 1 ? Shell("cat > /dev/null; sleep 60") : Self(10, 768));
        var started = Stopwatch.GetTimestamp();

        var refused = Assert.IsType<DecodeResult.Refused>(pool.For(new()).Decode(Png));

        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 2.9, 10);
        Assert.Equal(RefusalReason.TooCostly, refused.Reason);
        Assert.Contains("3 seconds", refused.Message, StringComparison.Ordinal);
        Assert.IsType<DecodeResult.Decoded>(pool.For(new()).Decode(Png));
    }

    [Fact]
    public void Decode_ProcessThatEatsMemory_IsKilledAtItsLimit()
    {
        var starts = 0;
        var pool = NewPool(
            new() { Decoders = 1, DecodeMegabytes = 256 },
            () => ++starts == 1 ? Shell("exec tail /dev/zero") : Self(10, 768));

        var refused = Assert.IsType<DecodeResult.Refused>(pool.For(new()).Decode(Png));

        Assert.Equal(RefusalReason.TooCostly, refused.Reason);
        Assert.Contains("256 MB", refused.Message, StringComparison.Ordinal);
        Assert.IsType<DecodeResult.Decoded>(pool.For(new()).Decode(Png));
    }

    [Fact]
    public void Decode_FilmThatNeedsMoreThanItsProcessMayHave_IsRefused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system's limits are Linux's.");
        // 400 megabytes of samples, in a process that takes 256 from the system whatever its server watches.
        var limits = new ImagingOptions { Decoders = 1, MaxMegapixels = 200 };
        var pool = NewPool(limits, () => Self(60, 1));
        var large = PngEncoder.Encode(new(14000, 14000, 8, [.. Enumerable.Range(0, 14000 * 14000).Select(i => (ushort)(i & 255))]));

        var refused = Assert.IsType<DecodeResult.Refused>(pool.For(limits).Decode(large));

        Assert.Contains(refused.Reason, new[] { RefusalReason.TooCostly, RefusalReason.DecoderEnded });
        Assert.IsType<DecodeResult.Decoded>(pool.For(new()).Decode(Png));
    }

    [Fact]
    public void Decode_FilmThatNeedsMoreProcessorThanAllowed_IsEndedByTheSystem()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system's limits are Linux's.");
        // The system counts whole seconds, rounded up: one less than none is a line that a process has crossed whatever the machine.
        var starts = 0;
        var limits = new ImagingOptions { Decoders = 1 };
        var decoder = NewPool(limits, () => Self(++starts == 1 ? -1 : 10, 768)).For(limits);
        var film = PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, 2048, bits: 16));

        var refused = Enumerable.Range(0, 50).Select(_ => decoder.Decode(film)).OfType<DecodeResult.Refused>().First();

        Assert.Equal(RefusalReason.TooCostly, refused.Reason);
        Assert.Contains("10 seconds", refused.Message, StringComparison.Ordinal);
        Assert.IsType<DecodeResult.Decoded>(decoder.Decode(Png));
    }

    [Fact]
    public async Task Decode_CancelledWhileItWorks_EndsTheProcess()
    {
        var starts = 0;
        var pool = NewPool(new() { Decoders = 1 }, () => ++starts == 1 ? Shell("cat > /dev/null; sleep 60") : Self(10, 768));
        using var cancellation = new CancellationTokenSource();
        var decoding = Task.Run(() => pool.For(new()).Decode(Png, cancellation.Token), TestContext.Current.CancellationToken);
        while (Volatile.Read(ref starts) == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await Task.Delay(200, TestContext.Current.CancellationToken);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => decoding.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.IsType<DecodeResult.Decoded>(pool.For(new()).Decode(Png));
    }

    [Fact]
    public async Task Decode_ProcessKilledWhileItWaits_IsReplaced()
    {
        var started = new List<int>();
        var pool = NewPool(new() { Decoders = 1 });
        var decoder = pool.For(new());
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<DecodeResult.Decoded>(decoder.Decode(Png));
            foreach (var child in Children())
            {
                child.Kill();
                await child.WaitForExitAsync(TestContext.Current.CancellationToken);
                started.Add(child.Id);
            }
        }

        Assert.Equal(5, started.Distinct().Count());
        Assert.Empty(_notes);
    }

    [Fact]
    public async Task Dispose_LeavesNoProcess()
    {
        var pool = NewPool();
        pool.For(new()).Decode(Png);
        var children = Children();

        pool.Dispose();

        Assert.NotEmpty(children);
        await Task.WhenAll(children.Select(c => c.WaitForExitAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>What a hostile file makes of a native library is a picture or a refusal of that file, and the next one is read.</summary>
    [Theory]
    [InlineData("JPEG 2000, tiles")]
    [InlineData("JPEG 2000, lossy")]
    [InlineData("JPEG-LS, 12 bit")]
    [InlineData("JPEG-LS, colour")]
    public void Decode_DamagedCodestream_IsAPictureOrAReason(string name)
    {
        DicomFixture.NeedCodec(name);
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("COVIDCXR_MUTATIONS"), out var asked) ? asked : 500;
        var decoder = NewPool(new() { Decoders = 1 }).For(new() { MinSidePixels = 16 });
        var good = DicomFixture.All[name].File;
        var pixels = good.AsSpan().IndexOf((byte[])[0xE0, 0x7F, 0x10, 0]);
        Dictionary<RefusalReason, int> refused = [];
        var (read, most) = (0, 0L);
        for (var round = 0; round < rounds; round++)
        {
            var result = decoder.Decode(Damage(good, pixels, new(round)));
            if (result is DecodeResult.Refused no)
            {
                refused[no.Reason] = refused.GetValueOrDefault(no.Reason) + 1;
            }
            else
            {
                read++;
            }

            if (round % 50 == 49)
            {
                most = Math.Max(most, Children().Select(c => c.PeakWorkingSet64).DefaultIfEmpty().Max() >> 20);
            }
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{name}: {read} read; {string.Join(", ", refused.Select(r => $"{r.Value} {r.Key}"))}; {_notes.Count} processes ended; "
                + $"{most} MB at most");
        Assert.InRange(most, 1, new ImagingOptions().DecodeMegabytes);
        Assert.IsType<DecodeResult.Decoded>(decoder.Decode(good));
    }

    // In the pixels alone; what comes before them is this program's to read.
    static byte[] Damage(byte[] file, int pixels, SplitMix64 random)
    {
        byte[] bytes = [.. file];
        for (var i = 1 + random.Below(6); i > 0; i--)
        {
            var at = pixels + random.Below(bytes.Length - pixels);
            // Half of them in the headers of the codestream, where sizes stand.
            at = random.Below(2) == 0 ? at : Math.Min(at, pixels + 28 + random.Below(120));
            bytes[at] = (byte)(random.Below(3) == 0 ? 0xFF : random.Below(256));
        }

        return bytes;
    }

    // Only this test's: no other class starts processes of this kind.
    static List<Process> Children() =>
        [.. Process.GetProcesses().Where(p => IsDecoder(p.Id))];

    static bool IsDecoder(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains(DecoderWorker.Argument, StringComparison.Ordinal)
                && File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Split(' ')[2] == Environment.ProcessId.ToString(
                    CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    DecoderPool NewPool(ImagingOptions? options = null, Func<ProcessStartInfo>? command = null)
    {
        if (!OperatingSystem.IsLinux() && command is not null)
        {
            Assert.Skip("The scripts are a Unix shell's.");
        }

        var pool = new DecoderPool(options ?? new(), _notes.Add, command ?? (() => Self(10, 768)));
        _pools.Add(pool);
        return pool;
    }

    static ProcessStartInfo Shell(string script) => new("/bin/sh", ["-c", "PATH=/usr/bin:/bin; " + script]);

    static ProcessStartInfo Self(int seconds, int megabytes) =>
        new(
            "/usr/bin/env",
            [
                "dotnet", typeof(DecoderPoolTests).Assembly.Location, DecoderWorker.Argument,
                seconds.ToString(CultureInfo.InvariantCulture), megabytes.ToString(CultureInfo.InvariantCulture),
            ]);

    public void Dispose() => _pools.ForEach(p => p.Dispose());
}
