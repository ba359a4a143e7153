using System.IO.Compression;
using System.Text;
using CovidCxr.Clinic.Exports;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Exports;

public sealed class ExportFilmsTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<Guid> TakeAsync(MarkedFilm film) => Assert.IsType<ImportStudyResult.Imported>(
        await _clinic.Get<ImportStudy>().RunAsync(
            film.File, new(), TestClinic.Reader, Cancellation, HeaderAnswer.File, isConfirmed: true)).StudyId;

    Task<FilmExportResult> AskAsync(IReadOnlyCollection<Guid> studies, Actor? actor = null, string reason = "A study of ours.",
        params string[] confirmed) =>
        _clinic.Get<ExportFilms>().RunAsync(new(studies, confirmed, reason), actor ?? TestClinic.Lead, Cancellation);

    async Task<Dictionary<string, byte[]>> ExportAsync(IReadOnlyCollection<Guid> studies, Actor? actor = null, params string[] confirmed)
    {
        var ready = Assert.IsType<FilmExportResult.Ready>(await AskAsync(studies, actor, confirmed: confirmed));
        using var stream = new MemoryStream();
        await ready.WriteAsync(stream, Cancellation);
        await using var zip = new ZipArchive(stream);
        Dictionary<string, byte[]> files = new() { [""] = stream.ToArray() };
        foreach (var entry in zip.Entries)
        {
            Assert.Equal(new(1980, 1, 1), entry.LastWriteTime.DateTime);
            using var content = new MemoryStream();
            await using var from = await entry.OpenAsync(Cancellation);
            await from.CopyToAsync(content, Cancellation);
            files[entry.FullName] = content.ToArray();
        }

        return files;
    }

    static List<Dictionary<string, string>> Table(Dictionary<string, byte[]> files, string name = "films.csv")
    {
        var lines = Encoding.UTF8.GetString(files[name]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Skip(1).Select(l => lines[0].Split(',').Zip(l.Split(',')).ToDictionary(p => p.First, p => p.Second))];
    }

    [Fact]
    public async Task RunAsync_FilmWithAMarkEverywhere_LeavesWithNoneOfThem()
    {
        var film = MarkedFilm.Draw(1, "P-MARK-0815", "20260227");
        var study = await TakeAsync(film);

        var files = await ExportAsync([study]);

        Assert.InRange(film.Marks.Count, 80, 1000);
        foreach (var (name, content) in files)
        {
            foreach (var mark in film.Marks)
            {
                Assert.True(
                    content.AsSpan().IndexOf(mark) < 0 && !name.Contains(Encoding.ASCII.GetString(mark), StringComparison.Ordinal),
                    $"{Encoding.ASCII.GetString(mark)} is in {name}.");
            }

            Assert.True(content.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"{study}")) < 0);
        }

        var line = Assert.Single(Table(files));
        Assert.Equal(("F", "exported", "DICOM", "96"), (line["sex"], line["state"], line["source"], line["width"]));
        Assert.Equal(
            [$"dicom/{line["film"]}.dcm", $"png/{line["film"]}.png", "films.csv", "readings.csv", "README.txt"],
            files.Keys.Where(k => k.Length > 0));
        var decoder = _clinic.Get<IScanDecoder>();
        foreach (var name in files.Keys.Where(k => k.Contains('/', StringComparison.Ordinal)))
        {
            var image = Assert.IsType<DecodeResult.Decoded>(decoder.Decode(files[name], Cancellation)).Image;
            Assert.Equal(16, image.BitsStored);
            Assert.Equal(film.Samples, image.Samples);
        }
    }

    [Fact]
    public async Task RunAsync_VisitsOfAPatient_StayThatPatientsAndAsFarApart()
    {
        var first = await TakeAsync(MarkedFilm.Draw(1, "P-MARK-1", "20260201"));
        var second = await TakeAsync(MarkedFilm.Draw(2, "P-MARK-1", "20260211"));
        var other = await TakeAsync(MarkedFilm.Draw(3, "P-MARK-2", "20260201"));

        var films = Table(await ExportAsync([first, second, other]));
        var again = Table(await ExportAsync([second]));

        var same = films.GroupBy(f => f["patient"]).Single(g => g.Count() == 2).OrderBy(f => f["date_moved"]).ToList();
        Assert.Equal(10, Day(same[1]).DayNumber - Day(same[0]).DayNumber);
        Assert.InRange(new DateOnly(2026, 2, 1).DayNumber - Day(same[0]).DayNumber, 365, 1460);
        Assert.Equal(same[1], Assert.Single(again));
        Assert.Equal(3, films.Select(f => f["instance_uid"]).Distinct().Count());
        Assert.Equal(3, films.Select(f => f["study_uid"]).Distinct().Count());

        static DateOnly Day(Dictionary<string, string> line) =>
            DateOnly.ParseExact(line["date_moved"], "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task RunAsync_FilmThatMayShowWords_StaysUntilAPersonHasLooked()
    {
        var (marked, picture) = (await TakeAsync(MarkedFilm.Draw(1, "P-MARK-1", "20260201")), await _clinic.UploadAsync(1, "P-2"));

        var plan = (await _clinic.Get<PlanFilmExport>().RunAsync([marked, picture], TestClinic.Lead, Cancellation))!;
        var without = await ExportAsync([marked, picture]);
        var with = await ExportAsync([marked, picture], null, plan.Doubted[0].Pixels, "no film's pixels");

        Assert.Equal((2, 2, 2, 0, 1), (plan.Films, plan.Studies, plan.Patients, plan.Lost, plan.Free));
        Assert.Equal((picture, "P-2"), (Assert.Single(plan.Doubted).Image, plan.Doubted[0].PatientNumber));
        Assert.Equal(["exported", "left out: text possible"], Table(without).Select(l => l["state"]).Order());
        Assert.Single(without.Keys, k => k.EndsWith(".dcm", StringComparison.Ordinal));
        Assert.Equal(2, with.Keys.Count(k => k.EndsWith(".png", StringComparison.Ordinal)));
        var trail = (await _clinic.AuditAsync(AuditAction.FilmExport)).Where(a => a.StudyId is null).Select(a => a.Detail!).ToList();
        Assert.Equal(
            [
                "2 films of 2 studies and 2 patients asked for, 0 with possible text confirmed: A study of ours.",
                "1 films written, 1 left out for possible text, 0 lost",
                "2 films of 2 studies and 2 patients asked for, 1 with possible text confirmed: A study of ours.",
                "2 films written, 0 left out for possible text, 0 lost",
            ],
            trail);
        Assert.Equal(
            [
                "in an export of 2 films", "no film of it left in that export", "in an export of 2 films",
                $"confirmed to name nobody: image {picture}",
            ],
            (await _clinic.AuditAsync(AuditAction.FilmExport)).Where(a => a.StudyId == picture).Select(a => a.Detail));
    }

    [Fact]
    public async Task RunAsync_OtherPixelsUnderTheSameId_AreNotThoseThatAPersonHasSeen()
    {
        var study = await _clinic.UploadAsync(1, "P-1");
        var plan = (await _clinic.Get<PlanFilmExport>().RunAsync([study], TestClinic.Lead, Cancellation))!;
        var seen = Assert.Single(plan.Doubted).Pixels;
        await using (var db = _clinic.Context())
        {
            // As where another image of the visit takes the place of the principal one.
            await db.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.PixelHash, "other"), Cancellation);
        }

        var told = await _clinic.Get<ExportFilms>().RunAsync(
            new([study], [seen], "A study of ours.", plan.Digest), TestClinic.Lead, Cancellation);
        var untold = await ExportAsync([study], null, seen);

        Assert.Contains("changed meanwhile", Assert.IsType<FilmExportResult.Refused>(told).Message, StringComparison.Ordinal);
        Assert.Equal("left out: text possible", Assert.Single(Table(untold))["state"]);
    }

    [Theory]
    [InlineData("YES", "1.2.840.10008.5.1.4.1.1.1", "CR", "", "", true)]
    [InlineData("NO", "1.2.840.10008.5.1.4.1.1.1", "CR", @"ORIGINAL\PRIMARY", "", false)]
    [InlineData("NO", "1.2.840.10008.5.1.4.1.1.7", "CR", "", "", true)]
    [InlineData("NO", "1.2.840.10008.5.1.4.1.1.1", "OT", "", "", true)]
    [InlineData("NO", "1.2.840.10008.5.1.4.1.1.1", "CR", @"DERIVED\SECONDARY \X", "", true)]
    [InlineData("NO", "1.2.840.10008.5.1.4.1.1.1", "CR", "", "WSD", true)]
    public async Task Plan_WhatTheFileSays_IsADoubtOrNot(
        string burnedIn, string sopClass, string modality, string type, string conversion, bool isDoubted)
    {
        var film = MarkedFilm.Draw(4, "P-MARK-4", "20260201");
        var image = new GreyImage(96, 96, 16, film.Samples);
        var file = DicomFilm.Write(
            image, (0x0008_0008, "CS", type), (0x0008_0016, "UI", sopClass), (0x0008_0060, "CS", modality),
            (0x0008_0064, "CS", conversion), (0x0010_0020, "LO", "P-9"), (0x0028_0301, "CS", burnedIn));
        var study = ((ImportStudyResult.Imported)await _clinic.Get<ImportStudy>().RunAsync(
            file, new(), TestClinic.Reader, Cancellation, HeaderAnswer.File)).StudyId;

        var plan = (await _clinic.Get<PlanFilmExport>().RunAsync([study], TestClinic.Lead, Cancellation))!;

        Assert.Equal(isDoubted ? 1 : 0, plan.Doubted.Count);
    }

    [Fact]
    public async Task RunAsync_LeadWhoReads_IsToldNothingOfFilmsThatWait()
    {
        var read = await TakeAsync(MarkedFilm.Draw(1, "P-MARK-1", "20260201"));
        var waits = await TakeAsync(MarkedFilm.Draw(2, "P-MARK-2", "20260201"));
        foreach (var study in new[] { read, waits })
        {
            var shown = await _clinic.PredictAsync(study, number: study == read ? 1 : 2);
            await _clinic.ReadAsync(study, ReadingStage.Blind, TestClinic.OtherReader);
            await _clinic.ReadAsync(study, ReadingStage.Final, TestClinic.OtherReader, shown, Opinion.Covid19);
            await using var db = _clinic.Context();
            db.ReferenceFindings.Add(new()
            {
                StudyId = study,
                Source = ReferenceSource.RtPcr,
                Result = ReferenceResult.Positive,
                EnteredByName = "lead",
            });
            await db.SaveChangesAsync(Cancellation);
        }

        await _clinic.ReadAsync(read, ReadingStage.Blind, TestClinic.ReadingLead);

        var reading = await ExportAsync([read, waits], TestClinic.ReadingLead);
        var other = await ExportAsync([read, waits], TestClinic.Lead);

        Assert.Equal(["", "positive"], Table(reading).Select(l => l["reference"]).Order());
        Assert.Single(Table(reading, "readings.csv").Select(l => l["study_uid"]).Distinct());
        Assert.Equal(["positive", "positive"], Table(other).Select(l => l["reference"]));
        Assert.Equal(2, Table(other, "readings.csv").Select(l => l["study_uid"]).Distinct().Count());
        Assert.Equal(
            ["Blind Normal", "Final Covid19"],
            Table(other, "readings.csv").Select(l => $"{l["stage"]} {l["opinion"]}").Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task RunAsync_OthersAndBadRequests_AreRefusedAndNothingIsAudited()
    {
        var study = await TakeAsync(MarkedFilm.Draw(1, "P-MARK-1", "20260201"));
        foreach (var actor in new[] { TestClinic.Reader, TestClinic.Admin })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => AskAsync([study], actor));
            await Assert.ThrowsAsync<AccessRefusedException>(
                () => _clinic.Get<PlanFilmExport>().RunAsync([study], actor, Cancellation));
        }

        Assert.IsType<FilmExportResult.Refused>(await AskAsync([]));
        Assert.IsType<FilmExportResult.Refused>(await AskAsync([Guid.NewGuid()]));
        Assert.IsType<FilmExportResult.Refused>(await AskAsync([.. Enumerable.Range(0, 101).Select(TestClinic.Numbered)]));
        Assert.IsType<FilmExportResult.Refused>(await AskAsync([study], reason: " "));
        Assert.Contains("changed meanwhile", Assert.IsType<FilmExportResult.Refused>(await _clinic.Get<ExportFilms>().RunAsync(
            new([study], [], "A study of ours.", "another plan's"), TestClinic.Lead, Cancellation)).Message, StringComparison.Ordinal);
        Assert.IsType<FilmExportResult.Refused>(await AskAsync([study], reason: "Because of p-mark-1 alone."));
        Assert.Empty(await _clinic.AuditAsync(AuditAction.FilmExport));
    }

    [Fact]
    public async Task WriteAsync_BrokenOffOrLost_IsSaidInTheTrailAndTheTable()
    {
        var kept = await TakeAsync(MarkedFilm.Draw(1, "P-MARK-1", "20260201"));
        var lost = await TakeAsync(MarkedFilm.Draw(2, "P-MARK-2", "20260201"));
        await using (var db = _clinic.Context())
        {
            _clinic.Get<BlobStore>().Delete((await db.Studies.SingleAsync(s => s.Id == lost, Cancellation)).ImageKey);
        }

        var files = await ExportAsync([kept, lost]);
        Assert.Equal(["exported", "file lost"], Table(files).Select(l => l["state"]).Order());

        var ready = Assert.IsType<FilmExportResult.Ready>(await AskAsync([kept]));
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready.WriteAsync(new MemoryStream(), gone.Token));
        var last = (await _clinic.AuditAsync(AuditAction.FilmExport))[^1];
        Assert.Equal(
            (AuditOutcome.Failed, "0 films written, 0 left out for possible text, 0 lost; broken off"), (last.Outcome, last.Detail));
    }
}
