using System.IO.Compression;
using System.Text.RegularExpressions;
using CovidCxr.Clinic.Acceptance;
using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.Answers;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Drift;
using CovidCxr.Clinic.Exports;
using CovidCxr.Clinic.Incidents;
using CovidCxr.Clinic.Patients;
using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Shadow;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Readings;

/// <param name="Name">Class and method, as reflection finds them.</param>
/// <param name="Ask">What the answer is, as the program gives it to a page or an endpoint.</param>
sealed record Question(string Name, Func<TestClinic, Actor, Task<object?>> Ask);

/// <summary>
/// What a person can ask of the clinic: at least one question of every use case that takes an actor. A new use case needs its questions
/// here, and a test says so.
/// </summary>
static partial class EveryQuestion
{
    static readonly DateOnly Today = new(2026, 3, 2);

    static readonly AgreementFilter February = new(From: new(2026, 2, 1), To: new(2026, 2, 28));

    static readonly AgreementFilter[] Filters =
    [
        new(), February, new(From: new(2026, 3, 1)), new(View: ViewPosition.PA, Age: AgeBand.From40To59),
        new(Sex: Sex.Female, Reference: ReferencePolicy.RtPcr, ReaderId: TestClinic.Reader.UserId), new(Prevalence: 0.1),
        new(ModelVersionId: TestClinic.Numbered(0xE1)),
    ];

    static readonly CaseSelection[] Selections =
    [
        new(), .. PartyPair.All.SelectMany(p => Enum.GetValues<PairCell>().Select(c => new CaseSelection(p, c))),
        .. Enum.GetValues<SwitchKind>().Select(k => new CaseSelection(Switch: k)),
        .. Enum.GetValues<ReadingArm>().Select(a => new CaseSelection(Arm: a)),
    ];

    static readonly string[] Numbers = [.. Enumerable.Range(0, 30).Select(i => $"P-{i}")];

    static readonly StudyParticulars Corrected = new("P-1", Sex.Male, null, 50, ViewPosition.Lateral, Today);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Those that look, and change nothing but the audit trail.</summary>
    /// <param name="withWithdrawn">Whether the withdrawn ones are asked for too.</param>
    public static IEnumerable<Question> Looking(IReadOnlyList<Guid> studies, bool withWithdrawn = false) =>
    [
        .. Of<ListStudies, WorklistQuery>(
            Worklists().Where(q => withWithdrawn || !q.IsWithdrawn), (list, query, actor) => list.RunAsync(query, actor, Cancellation)),
        .. Of<FindNextStudy, Guid?>([null, .. studies], (find, open, actor) => find.RunAsync(open, actor, Cancellation)),
        .. Of<AssignStudies, bool>(
            [true], (assign, _, actor) => assign.ListReadersAsync(actor, Cancellation), nameof(AssignStudies.ListReadersAsync)),
        .. Of<SavedFilters, bool>([true], (saved, _, actor) => saved.ListAsync(actor, Cancellation), nameof(SavedFilters.ListAsync)),
        .. Of<GetStudy, Guid>(studies, (get, id, actor) => get.RunAsync(id, isView: true, actor, Cancellation)),
        .. Of<Drafts, Guid>(studies, (drafts, id, actor) => drafts.FindAsync(id, actor, Cancellation), nameof(Drafts.FindAsync)),
        .. Of<GetHeatMap, Guid>(studies, (get, id, actor) => get.RunAsync(id, 1, actor, Cancellation)),
        .. Of<GetStudyThumbnail, Guid>(studies, (get, id, actor) => get.RunAsync(id, actor, Cancellation)),
        .. Of<GetStudyThumbnail, Guid>(
            studies.Take(3), (get, id, actor) => get.OfImageAsync(id, id, actor, Cancellation), nameof(GetStudyThumbnail.OfImageAsync)),
        .. Of<GetSeverityCourse, Guid>(studies, (get, id, actor) => get.RunAsync(id, actor, Cancellation)),
        .. Of<GetPatient, string>(Numbers, (get, number, actor) => get.RunAsync(number, isView: true, actor, Cancellation)),
        .. Of<GetPixels, Guid>(studies.Take(3), (get, id, actor) => get.RunAsync(id, actor, Cancellation)),
        .. Of<CompareReaders, AgreementFilter>(Filters, (compare, filter, actor) => compare.RunAsync(filter, actor, Cancellation)),
        .. Of<ComparePolicies, AgreementFilter>(Filters, (compare, filter, actor) => compare.RunAsync(filter, actor, Cancellation)),
        .. Of<ListCases, CaseSelection>(
            Selections, (list, selection, actor) => list.RunAsync(new(), selection, actor, Cancellation, pageSize: 5)),
        .. Of<ListCases, AgreementFilter>(Filters, (list, filter, actor) => list.RunAsync(filter, new(), actor, Cancellation, page: 1)),
        .. Of<ListDiscordances, (AgreementFilter Filter, bool IsOpen)>(
            Filters.SelectMany(f => new[] { (f, true), (f, false) }),
            (list, of, actor) => list.RunAsync(of.Filter, of.IsOpen, actor, Cancellation)),
        .. Of<ListAdjudications, bool>([true], (list, _, actor) => list.RunAsync(actor, Cancellation)),
        .. Of<MeasureDrift, AgreementFilter>(Filters, (measure, filter, actor) => measure.RunAsync(filter, actor, Cancellation)),
        .. Of<ListArrivals, int?>(
            [null, .. Enumerable.Range(0, Comparing.ScoreBins).Select(b => (int?)b)],
            (list, bin, actor) => list.RunAsync(new(), bin, actor, Cancellation, pageSize: 5)),
        .. Of<ListArrivals, AgreementFilter>(Filters, (list, filter, actor) => list.RunAsync(filter, 12, actor, Cancellation)),
        .. Of<ListAlerts, bool>([true], (list, _, actor) => list.RunAsync(actor, Cancellation)),
        .. Of<ListAlerts, bool>([true], (list, _, actor) => list.CountAsync(actor, Cancellation), nameof(ListAlerts.CountAsync)),
        .. Of<DescribePeriod, AgreementFilter>(Filters, (describe, filter, actor) => describe.RunAsync(filter, actor, Cancellation)),
        .. Of<ExportCases, AgreementFilter>(Filters, (export, filter, actor) => export.RunAsync(filter, actor, Cancellation)),
        .. Of<ExportRegistry, AgreementFilter>(Filters, WrittenAsync),
        .. Of<GetAcceptance, Guid>(
            [TestClinic.Numbered(0xE1), TestClinic.Numbered(0xE2)], (get, id, actor) => get.RunAsync(id, new(), actor, Cancellation)),
        .. Of<ListShadows, bool>([true], (list, _, actor) => list.RunAsync(actor, Cancellation)),
        .. Of<CompareShadow, Guid>(
            [AnsweredDepartment.ShadowPeriod], (compare, id, actor) => compare.RunAsync(id, actor, Cancellation)),
        .. Of<PlanFilmExport, Guid>(studies.Take(3), (plan, id, actor) => plan.RunAsync([id], actor, Cancellation)),
        .. studies.Take(6).Select(id => new Question(
            $"{nameof(ExportFilms)}.RunAsync", async (clinic, actor) => await PackedAsync(clinic, id, actor))),
        .. Of<PackIncident, Guid>(studies.Take(3), (pack, id, actor) => pack.RunAsync(id, actor, Cancellation)),
        .. Of<SelectTrainingTruth, bool>([true], (select, _, actor) => select.RunAsync(actor, Cancellation)),
        .. Of<ImportReferences, string>(
            [Csv(studies[0])], (import, csv, actor) => import.PreviewAsync(csv, actor, Cancellation),
            nameof(ImportReferences.PreviewAsync)),
    ];

    /// <summary>Those that change something; what they answer must not tell anything either.</summary>
    /// <param name="alerts">Ids of alerts that there may be.</param>
    public static IEnumerable<Question> Changing(IReadOnlyList<Guid> studies, IReadOnlyList<long> alerts) =>
    [
        // Before anything is read: whoever has read all of a patient's films knows of the notes.
        .. Of<WriteTherapyNote, string>(
            ["P-1", "P-2", "nobody's"], (write, number, actor) => write.RunAsync(
                new(number, Today, null, "Dexamethasone"), actor, Cancellation)),
        .. Of<StrikeTherapyNote, Guid>(
            AnsweredDepartment.Notes, (strike, id, actor) => strike.RunAsync(id, "to be sure", actor, Cancellation)),
        .. Of<CheckAlerts, bool>([true], (check, _, actor) => check.RunAsync(actor, Cancellation)),
        .. Of<AcknowledgeAlert, long>(alerts, (acknowledge, id, actor) => acknowledge.RunAsync(id, actor, Cancellation)),
        .. Of<MarkUrgent, Guid>(
            studies, (mark, id, actor) => mark.RunAsync([id, studies[0]], UrgencyReason.Isolation, actor, Cancellation)),
        .. Of<AssignStudies, (Guid Study, bool IsBack)>(
            studies.SelectMany(s => new[] { (s, true), (s, false) }),
            (assign, of, actor) => assign.RunAsync([of.Study], of.IsBack ? null : actor.UserId, actor, Cancellation)),
        .. Of<DrawFilms, bool>(
            [true], (draw, _, actor) => draw.RunAsync(5, TestClinic.OtherReader.UserId, actor, Cancellation)),
        .. Of<SavedFilters, string>(
            ["a", "b"], (saved, name, actor) => saved.SaveAsync(name, "read=urgent", isDefault: true, actor, Cancellation),
            nameof(SavedFilters.SaveAsync)),
        .. Of<SavedFilters, long>(
            [1], (saved, id, actor) => saved.RemoveAsync(id, actor, Cancellation), nameof(SavedFilters.RemoveAsync)),
        .. Of<RequestReads, Guid>(
            studies, (request, id, actor) => request.RunAsync([id], [TestClinic.OtherReader.UserId], actor, Cancellation)),
        .. Of<RecordReading, (Guid Study, ReadingStage Stage)>(
            studies.Take(40).SelectMany(s => Enum.GetValues<ReadingStage>().Select(t => (s, t))),
            (record, of, actor) => record.RunAsync(
                new(Guid.NewGuid(), of.Study, of.Stage, Opinion.Normal, 3, null, null, null, null), actor, Cancellation)),
        .. Of<Drafts, Guid>(
            studies.Take(3), (drafts, id, actor) => drafts.KeepAsync(id, Opinion.Normal, 2, null, null, "note", actor, Cancellation),
            nameof(Drafts.KeepAsync)),
        .. Of<DemandScore, Guid>(studies, (demand, id, actor) => demand.RunAsync(id, "to be sure", actor, Cancellation)),
        .. Of<RecordReference, Guid>(studies.Take(5), (record, id, actor) => record.RunAsync(
            new(new(id, null, null), ReferenceSource.FollowUp, ReferenceResult.Positive, Today), actor, Cancellation)),
        .. Of<ImportReferences, string>([Csv(studies[0])], ImportedAsync),
        .. Of<SubmitReferences, Guid>(studies.Take(3), (submit, id, actor) => submit.RunAsync(
            [new(id.ToString(), Source: "rt-pcr", Result: "negative", FoundOn: "2026-03-01")], isDryRun: false, actor, Cancellation)),
        .. Of<ChangeQualitySettings, double>([0.7], (change, lowest, actor) => change.RunAsync(0, 0.3, lowest, actor, Cancellation)),
        .. Of<ImportStudy, int>([1, 2], (import, film, actor) => import.RunAsync(TestClinic.Film(film), new(), actor, Cancellation)),
        .. Of<AddStudyImage, Guid>(studies.Take(6), (add, id, actor) => add.RunAsync(
            id, TestClinic.Film(4), ViewPosition.Lateral, actor, Cancellation)),
        .. Of<SubmitStudy, int>([3], (submit, film, actor) => submit.RunAsync(
            new(TestClinic.Film(film), new(), HeaderAnswer.NotAsked, IsConfirmed: false), "key", actor, Cancellation)),
        // To programs alone.
        .. Of<TellAnswer, Guid>(studies, (tell, id, actor) => tell.RunAsync(id, actor, Cancellation)),
        .. Of<TellReadings, Guid>(studies, (tell, id, actor) => tell.RunAsync(id, actor, Cancellation)),
        .. Of<ChangeStudy, (Guid Study, StudyParticulars To)>(
            studies.Take(6).Chunk(3).SelectMany((ids, i) => ids.Select(id => (id, Corrected with { IsWithdrawn = i == 1 }))),
            (change, of, actor) => change.RunAsync(new(of.Study, of.To, "to be sure", 0), actor, Cancellation)),
        .. Of<UndoChange, Guid>(
            studies.Take(6), (undo, id, actor) => undo.RunAsync(new(id, 1, "to be sure"), actor, Cancellation)),
        .. Of<TakeOutImage, Guid>(
            studies.Take(15), (take, id, actor) => take.RunAsync(
                new(id, AnsweredDepartment.FurtherImageOf(id), "to be sure", 0), actor, Cancellation)),
        .. Of<MergePatients, string>(
            ["P-1", "P-2"], (merge, number, actor) => merge.RunAsync(
                new(number, "P-3", "to be sure", 1, IsConfirmed: true), actor, Cancellation)),
        .. Of<CorrectPatient, string>(
            ["P-4", "P-5"], (correct, number, actor) => correct.RunAsync(
                new(number, new(Sex.Other, null), "to be sure"), actor, Cancellation)),
        .. Of<AcceptVersion, Guid>(
            [TestClinic.Numbered(0xE2)], (accept, id, actor) => accept.RunAsync(
                new(id, new(), "0", null, "to be sure", "a password"), actor, Cancellation)),
        .. Of<WithdrawAcceptance, long>([1], (withdraw, id, actor) => withdraw.RunAsync(id, "to be sure", actor, Cancellation)),
        .. Of<StartShadow, Guid>(
            [TestClinic.Numbered(0xE2)], (start, id, actor) => start.RunAsync(id, "to be sure", actor, Cancellation)),
        .. Of<EndShadow, Guid>([Guid.Empty], (end, id, actor) => end.RunAsync(id, "to be sure", actor, Cancellation)),
        // The same policy once more: another one would show what it hides.
        .. Of<ChangeReadingPolicy, ReadingPolicy>(
            [ReadingPolicy.BlindedFirst], (change, policy, actor) => change.RunAsync(policy, "to be sure", Today, actor, Cancellation)),
    ];

    static IEnumerable<WorklistQuery> Worklists() => Orders().Concat(
        from predicted in new[] { null, "COVID-19" }
        from owner in new Guid?[] { null, TestClinic.Reader.UserId, TestClinic.ReadingLead.UserId }
        from isUrgent in new[] { false, true }
        select new WorklistQuery(
            PredictedClass: predicted, AssignedTo: owner, IsUnassigned: owner is null, IsUrgent: isUrgent))
        .Append(new(IsLate: true));

    static IEnumerable<WorklistQuery> Orders() =>
        from sort in Enum.GetValues<WorklistSort>()
        from isDown in new[] { false, true }
        from predicted in new[] { null, "COVID-19", "Other" }
        from page in new[] { 0, 2 }
        from isWithdrawn in page == 0 ? new[] { false, true } : [false]
        select new WorklistQuery(
            page, 20, sort, isDown, PredictedClass: predicted, IsRead: page == 0 ? null : false, IsWithdrawn: isWithdrawn);

    static string Csv(Guid study) => $"study_id,source,result,found_on\n{study},consensus,negative,2026-03-01\n";

    static async Task<byte[]> WrittenAsync(ExportRegistry export, AgreementFilter filter, Actor actor)
    {
        using var stream = new MemoryStream();
        await export.RunAsync(filter, stream, actor, Cancellation);
        return stream.ToArray();
    }

    // Without pseudonyms, which each installation makes for itself, and the days that go with them.
    static async Task<string> PackedAsync(TestClinic clinic, Guid study, Actor actor)
    {
        var plan = (await clinic.Get<PlanFilmExport>().RunAsync([study], actor, Cancellation))!;
        if (await clinic.Get<ExportFilms>().RunAsync(
            new([study], [.. plan.Doubted.Select(f => f.Pixels)], "To be sure."), actor, Cancellation) is not FilmExportResult.Ready ready)
        {
            return "refused";
        }

        using var stream = new MemoryStream();
        await ready.WriteAsync(stream, Cancellation);
        await using var zip = new ZipArchive(stream);
        var tables = zip.Entries.Where(e => e.Name.EndsWith(".csv", StringComparison.Ordinal)).Select(e =>
        {
            using var reader = new StreamReader(e.Open());
            return reader.ReadToEnd();
        });
        var known = OwnNames().Replace(string.Concat(tables), "a name");
        return string.Join('\n', known.Split("\r\n").Order(StringComparer.Ordinal).Append($"{zip.Entries.Count} files"));
    }

    [GeneratedRegex(@"e-[0-9a-f]{16}(-\d+)?|r-[0-9a-f]{16}|2\.25\.\d+|\d{4}-\d\d-\d\d")]
    private static partial Regex OwnNames();

    static async Task<string?> ImportedAsync(ImportReferences import, string csv, Actor actor) =>
        await import.RunAsync(csv, await import.PreviewAsync(csv, actor, Cancellation), actor, Cancellation);

    static IEnumerable<Question> Of<TUseCase, TAbout>(
        IEnumerable<TAbout> about, Func<TUseCase, TAbout, Actor, Task> ask, string method = "RunAsync")
        where TUseCase : notnull =>
        about.Select(a => new Question(
            $"{typeof(TUseCase).Name}.{method}", async (clinic, actor) => await ResultOf(ask(clinic.Get<TUseCase>(), a, actor))));

    static async Task<object?> ResultOf(Task task)
    {
        await task;
        return task.GetType().GetProperty("Result")?.GetValue(task);
    }
}
