using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>A copy of a film is no new film: it is asked about, and whoever saw the answer to one saw it to both.</summary>
public sealed class FilmCopiesTests : IAsyncLifetime
{
    const int Side = 256;

    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    static Dictionary<string, Func<GreyImage, GreyImage>> Changes => new()
    {
        ["one bit flipped"] = film => Of(film.Width, i => film.Samples[i] ^ (i == 40_000 ? 1 : 0)),
        ["brightened"] = film => Of(film.Width, i => Math.Min(255, film.Samples[i] + 20)),
        ["more contrast"] = film => Of(film.Width, i => Math.Clamp(((film.Samples[i] - 128) * 5 / 4) + 128, 0, 255)),
        ["half the size"] = film => Of(
            film.Width / 2, i => film.Samples[(i / (film.Width / 2) * 2 * film.Width) + (i % (film.Width / 2) * 2)]),
        ["a border cropped"] = film => Of(
            film.Width - 8, i => film.Samples[(((i / (film.Width - 8)) + 4) * film.Width) + (i % (film.Width - 8)) + 4]),
        ["written over"] = film => Of(film.Width, i => i % film.Width < 60 && i / film.Width < 12 ? 255 : film.Samples[i]),
    };

    public static TheoryData<string> Kinds => [.. Changes.Keys];

    static GreyImage Of(int side, Func<int, int> sample) =>
        new(side, side, 8, [.. Enumerable.Range(0, side * side).Select(i => (ushort)sample(i))]);

    // Nobody's film, and of no phantom's shape: blurred noise, every seed another one.
    static GreyImage Film(int seed)
    {
        var random = new SplitMix64(seed, 0xC0);
        float[] Noise(int cells) => Resizer.Resize(
            [.. Enumerable.Range(0, cells * cells).Select(_ => (float)random.Normal())], cells, cells, Side, Side);
        var (coarse, fine) = (Noise(8), Noise(32));
        return Of(Side, i => Math.Clamp((int)(128 + (40 * coarse[i]) + (15 * fine[i])), 0, 255));
    }

    Task<ImportStudyResult> ImportAsync(GreyImage film, string? patient = "P-1", bool isConfirmed = false) =>
        _clinic.Get<ImportStudy>().RunAsync(
            PngEncoder.Encode(film), new(patient), TestClinic.Reader, Cancellation, isConfirmed: isConfirmed);

    async Task<Guid> StoreAsync(GreyImage film, bool isConfirmed = false) =>
        Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(film, isConfirmed: isConfirmed)).StudyId;

    async Task<StudyDetail> OpenAsync(Guid study) =>
        (await _clinic.Get<GetStudy>().RunAsync(study, isView: true, TestClinic.Reader, Cancellation))!;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Import_OfACopy_AsksFirst_AndNamesTheFilm(string kind)
    {
        await StoreAsync(Film(2));
        var original = await StoreAsync(Film(1));
        var copy = Changes[kind](Film(1));

        var doubted = Assert.IsType<ImportStudyResult.Doubted>(await ImportAsync(copy, "P-2"));

        Assert.Equal((null, original), (doubted.StudyId, doubted.CopyOf));
        Assert.Equal(
            "It shows the same film as one under P-1, received on 2026-03-02: cropped, brightened, resized or saved anew.",
            Assert.Single(doubted.Doubts));
        Assert.Equal((2, 2), (await _clinic.CountAsync<Domain.Studies.Study>(), _clinic.Folder.Blobs.Count));

        var stored = await StoreAsync(copy, isConfirmed: true);
        await using var db = _clinic.Context();
        Assert.Equal(original, (await db.Studies.SingleAsync(s => s.Id == stored, Cancellation)).CopyOf);
        Assert.Equal($"confirmed against doubts, copy of {original}", (await _clinic.AuditAsync(AuditAction.StudyUpload))[^1].Detail);
    }

    [Fact]
    public async Task Import_OfManyFilms_AsksOfNone()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            await StoreAsync(Film(seed));
        }
    }

    [Fact]
    public async Task Import_OfACopyOfACopy_NamesTheOldest()
    {
        var original = await StoreAsync(Film(1));
        await StoreAsync(Changes["brightened"](Film(1)), isConfirmed: true);

        var doubted = Assert.IsType<ImportStudyResult.Doubted>(
            await ImportAsync(Changes["one bit flipped"](Changes["brightened"](Film(1)))));

        Assert.Equal(original, doubted.CopyOf);
    }

    [Fact]
    public async Task Import_OfACopyOfAWithdrawnFilm_AsksToo()
    {
        var original = await StoreAsync(Film(1));
        await using var db = _clinic.Context();
        await db.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.IsWithdrawn, true), Cancellation);

        Assert.Equal(original, Assert.IsType<ImportStudyResult.Doubted>(await ImportAsync(Changes["brightened"](Film(1)))).CopyOf);
    }

    [Fact]
    public async Task Import_OfTwoCopiesAtOnce_StoresOne()
    {
        GreyImage[] films = [Film(1), Changes["brightened"](Film(1))];

        var results = await Task.WhenAll(films.Select(f => Task.Run(() => ImportAsync(f), Cancellation)));

        Assert.Single(results.OfType<ImportStudyResult.Imported>());
        Assert.Single(results.OfType<ImportStudyResult.Doubted>());
    }

    [Fact]
    public async Task Answer_ToACopy_IsTheAnswerToTheFilm()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);
        var original = await StoreAsync(Film(1));
        await _clinic.PredictAsync(original);
        var copy = await StoreAsync(Changes["one bit flipped"](Film(1)), isConfirmed: true);
        await _clinic.PredictAsync(copy, number: 2);
        Assert.Equal(ReadingStage.Blind, (await OpenAsync(original)).NextStage);

        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(copy, ReadingStage.Blind));
        Assert.True((await OpenAsync(copy)).IsRevealed);

        var seen = await OpenAsync(original);
        Assert.Equal((ReadingStage.Concurrent, true), (seen.NextStage, seen.IsDisclosed));
        Assert.IsType<RecordReadingResult.Refused>(await _clinic.ReadAsync(original, ReadingStage.Blind));
    }

    [Fact]
    public async Task Answer_ShownWhileTheCopyHasNone_IsTheAnswerToTheCopyToo()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var original = await StoreAsync(Film(1));
        await _clinic.PredictAsync(original);
        var copy = await StoreAsync(Changes["one bit flipped"](Film(1)), isConfirmed: true);
        Assert.True((await OpenAsync(original)).IsRevealed);
        await _clinic.PredictAsync(copy, number: 2);
        _clinic.Time.Advance(TimeSpan.FromDays(1));
        await _clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);

        Assert.Equal(ReadingStage.Concurrent, (await OpenAsync(copy)).NextStage);
    }

    [Fact]
    public async Task Copy_OfAFilmThatSomebodyRead_IsNeverReadBlindByThatReader()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);
        var original = await StoreAsync(Film(1));
        await _clinic.PredictAsync(original);
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(original, ReadingStage.Blind));

        var copy = await StoreAsync(Changes["half the size"](Film(1)), isConfirmed: true);

        Assert.Equal(ReadingStage.Concurrent, (await OpenAsync(copy)).NextStage);
        var other = (await _clinic.Get<GetStudy>().RunAsync(copy, isView: true, TestClinic.OtherReader, Cancellation))!;
        Assert.Equal(ReadingStage.Blind, other.NextStage);
    }

    [Fact]
    public async Task Describe_AfterAnUpgrade_FindsTheCopiesAmongOldStudies()
    {
        var original = await StoreAsync(Film(1));
        var other = await StoreAsync(Film(2));
        _clinic.Time.Advance(TimeSpan.FromMinutes(1));
        var copy = await StoreAsync(Changes["brightened"](Film(1)), isConfirmed: true);
        await _clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);
        await _clinic.PredictAsync(original);
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(original, ReadingStage.Blind));
        await using (var db = _clinic.Context())
        {
            await db.StudyAppearances.ExecuteDeleteAsync(Cancellation);
            await db.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.CopyOf, (Guid?)null), Cancellation);
        }

        await using var anew = TestClinic.Build(_clinic.Folder.Data.Root, _clinic.Time);
        await ((DescribeStudies)anew.GetService(typeof(DescribeStudies))!).RunAsync(Cancellation);

        await using var described = _clinic.Context();
        Assert.Equal(
            [(original, null), (other, null), (copy, original)],
            (await described.Studies.OrderBy(s => s.ReceivedAt).ThenBy(s => s.Id).ToListAsync(Cancellation)).Select(s => (s.Id, s.CopyOf)));
        Assert.Equal(3, await described.StudyAppearances.CountAsync(Cancellation));
        Assert.Equal(ReadingStage.Concurrent, (await OpenAsync(copy)).NextStage);
    }
}
