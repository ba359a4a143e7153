using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Clinic.Demonstration;

/// <param name="Done">Of the films and of their readings, 0..1.</param>
/// <param name="Words">What is being done, or what went wrong.</param>
public sealed record FillProgress(double Done, string Words, bool IsRunning);

/// <summary>
/// Fills an installation that holds phantoms alone with a department of some months: films, the active model's own answers to them, three
/// readers' readings and references, by the use cases that people work with, on the day when it would have been. For Development, where
/// everybody can sign in; nothing in it says anything of a reader, a model or a disease. Goes on where it was interrupted.
/// </summary>
public sealed class FillDepartment(
    IServiceProvider services, IDbContextFactory<CovidCxrDbContext> contexts, ModelHost host, IHostEnvironment environment,
    AuditLog audit, TimeProvider time, ILogger<FillDepartment> logger)
{
    public const int Films = 200;

    // The newest wait for a reader.
    const int Unread = 20;

    static readonly TimeSpan Look = TimeSpan.FromSeconds(0.5), LongestStandstill = TimeSpan.FromMinutes(2);

    // How often each reader reads a film at all, and names what is drawn.
    static readonly (double Reads, double Right)[] Readers = [(0.95, 0.85), (0.8, 0.75), (0.6, 0.9)];

    readonly Lock _gate = new();
    int _refused;

    /// <summary>Null before anybody has asked for it.</summary>
    public FillProgress? Progress { get; private set; }

    /// <summary>Whether this installation may be filled, and is not yet.</summary>
    public async Task<bool> IsOfferedAsync(CancellationToken cancellation)
    {
        if (!environment.IsDevelopment())
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return !await IsFilledAsync(db, cancellation) && await HoldsPhantomsAloneAsync(db, cancellation);
    }

    static async Task<bool> HoldsPhantomsAloneAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        !await db.AllStudies.AnyAsync(
            s => s.PatientNumber == null || !s.PatientNumber.StartsWith(SeedPhantomStudies.Prefix), cancellation);

    // The readings of the last films that are read come last.
    static Task<bool> IsFilledAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        Guid[] last =
        [
            .. Enumerable.Range(Films - Unread - 3, 3).SelectMany(f => Readers.Select((_, reader) => Submission(f, reader, stage: 1))),
        ];
        return db.Readings.AnyAsync(r => last.Contains(r.SubmissionId), cancellation);
    }

    /// <summary>Returns at once; <see cref="Progress"/> says how far it is.</summary>
    public void Start(Actor actor, int films = Films)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead, Role.Admin);
        lock (_gate)
        {
            if (Progress is { IsRunning: true } || !environment.IsDevelopment())
            {
                return;
            }

            Say(0, "Drawing films");
        }

        // Where there is a host, its end is the end of this.
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        Finished = Task.Run(() => RunAsync(films, actor, stopping), CancellationToken.None);
    }

    /// <summary>The work that was started last.</summary>
    public Task Finished { get; private set; } = Task.CompletedTask;

    async Task RunAsync(int films, Actor actor, CancellationToken stopping)
    {
        try
        {
            // The page that asks may be an old one.
            if (!await IsOfferedAsync(stopping))
            {
                Progress = new(0, "Nothing was filled in: other films are here by now, or it is filled already.", IsRunning: false);
                return;
            }

            await audit.RecordAsync(actor, AuditAction.StudyUpload, AuditOutcome.Succeeded, detail: "filled with a demonstration");
            _refused = 0;
            var started = time.GetUtcNow();
            var chosen = new ChosenTime();
            var people = await PeopleAsync(stopping);
            var all = DemonstrationFilm.Of(films, time.GetUtcNow());
            var studies = await TakeInAsync(all, chosen, people.Readers[0], stopping);
            await AnswersAsync(all, studies, started, stopping);
            await ReadAsync(all, studies, chosen, people, stopping);
            Progress = new(
                1,
                $"{films} films are there, with readings and references."
                    + (_refused > 0 ? $" {_refused} readings or references were not taken." : ""),
                IsRunning: false);
        }
        catch (OperationCanceledException)
        {
            Progress = null;
        }
        catch (Exception e)
        {
            // Nobody waits for this work: whatever stops it is said on the page, and it may go on.
            logger.LogError("The demonstration could not be filled in: {Kind}", e.GetType().Name);
            Progress = new(0, "It could not be finished. What is there stays; try again to go on.", IsRunning: false);
        }
    }

    void Say(double done, string words) => Progress = new(done, words, IsRunning: true);

    sealed record People(IReadOnlyList<Actor> Readers, Actor Lead);

    async Task<People> PeopleAsync(CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await scope.ServiceProvider.GetRequiredService<SeedDemoAccounts>().AddColleaguesAsync(cancellation);
        static string Demo(string role) => SeedDemoAccounts.All.First(a => a.Role == role).UserName;
        string[] readers = [Demo(Role.Radiologist), .. SeedDemoAccounts.Colleagues];
        string[] names = [.. readers, Demo(Role.DepartmentLead)];
        var known = await db.Users.AsNoTracking().Where(u => names.Contains(u.UserName))
            .ToDictionaryAsync(u => u.UserName!, u => u.Id, cancellation);
        Actor Person(string name, string role) => new(
            known.TryGetValue(name, out var id) ? id : throw new InvalidOperationException("A demo account is missing."), name,
            new HashSet<string> { role });
        return new([.. readers.Select(n => Person(n, Role.Radiologist))], Person(names[^1], Role.DepartmentLead));
    }

    async Task<IReadOnlyList<Guid>> TakeInAsync(
        IReadOnlyList<DemonstrationFilm> films, ChosenTime chosen, Actor reader, CancellationToken cancellation)
    {
        var import = ActivatorUtilities.CreateInstance<ImportStudy>(services, chosen);
        var studies = new List<Guid>();
        foreach (var film in films)
        {
            cancellation.ThrowIfCancellationRequested();
            chosen.Now = film.ReceivedAt;
            var result = await import.RunAsync(PngEncoder.Encode(film.Draw()), film.Details, reader, cancellation, isConfirmed: true);
            studies.Add(result switch
            {
                ImportStudyResult.Imported imported => imported.StudyId,
                ImportStudyResult.Duplicate known => known.StudyId,
                _ => throw new InvalidOperationException("A phantom was not taken in."),
            });
            Say(0.5 * studies.Count / films.Count, $"Film {studies.Count} of {films.Count}");
        }

        return studies;
    }

    // The jobs of the uploads run meanwhile. Their answers are dated as if the model had answered then.
    async Task AnswersAsync(
        IReadOnlyList<DemonstrationFilm> films, IReadOnlyList<Guid> studies, DateTimeOffset started, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var (left, until) = (films.Count, time.GetUtcNow() + LongestStandstill);
        while (host.Current is not null && time.GetUtcNow() < until
            && await db.AllStudies.CountAsync(
                s => studies.Contains(s.Id) && (s.Status == StudyStatus.Queued || s.Status == StudyStatus.Analysing), cancellation)
                is var waiting and > 0)
        {
            (left, until) = waiting < left ? (waiting, time.GetUtcNow() + LongestStandstill) : (left, until);
            Say(0.5 + (0.2 * (1 - ((double)waiting / films.Count))), $"The model answers: {waiting} films to go");
            await Task.Delay(Look, time, cancellation);
        }

        // By the day that a film was taken in on, which is another one where this goes on some days later.
        var received = await db.AllStudies.Where(s => studies.Contains(s.Id)).ToDictionaryAsync(s => s.Id, s => s.ReceivedAt, cancellation);
        foreach (var study in studies)
        {
            var at = received[study].AddMinutes(1);
            await db.Predictions.Where(p => p.StudyId == study && p.CreatedAt >= started)
                .ExecuteUpdateAsync(s => s.SetProperty(p => p.CreatedAt, at), cancellation);
        }
    }

    async Task ReadAsync(
        IReadOnlyList<DemonstrationFilm> films, IReadOnlyList<Guid> studies, ChosenTime chosen, People people,
        CancellationToken cancellation)
    {
        var record = ActivatorUtilities.CreateInstance<RecordReading>(
            services, chosen, ActivatorUtilities.CreateInstance<GetReadingPolicy>(services, chosen));
        var enter = ActivatorUtilities.CreateInstance<RecordReference>(services, chosen);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (!await HoldsPhantomsAloneAsync(db, cancellation))
        {
            throw new InvalidOperationException("Somebody has uploaded another film meanwhile.");
        }

        foreach (var (planned, study) in films.Zip(studies).Take(films.Count - (Unread * films.Count / Films)))
        {
            cancellation.ThrowIfCancellationRequested();
            var film = planned with
            {
                ReceivedAt = await db.AllStudies.Where(s => s.Id == study).Select(s => s.ReceivedAt).SingleAsync(cancellation),
            };
            Say(0.7 + (0.3 * film.Number / films.Count), $"Readings of film {film.Number + 1}");
            var shown = await AnswerToAsync(study, cancellation);
            foreach (var (index, reader) in people.Readers.Index())
            {
                var random = new SplitMix64(0xDE41, film.Number, index);
                if (random.NextDouble() < Readers[index].Reads)
                {
                    await ReadAsync(record, new(film, study, shown, index, reader), chosen, random, cancellation);
                }
            }

            await EnterAsync(enter, film, study, chosen, people.Lead, cancellation);
        }
    }

    sealed record Answer(Guid PredictionId, bool IsDisease);

    sealed record Turn(DemonstrationFilm Film, Guid Study, Answer? Shown, int Index, Actor Reader);

    async Task<Answer?> AnswerToAsync(Guid study, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var answer = await (
            from s in db.AllStudies
            join p in db.Predictions on s.PredictionId equals p.Id
            where s.Id == study
            select new { p.Id, p.Classes, p.PositiveIndex, p.PredictedIndex }).SingleOrDefaultAsync(cancellation);
        return answer is null ? null
            : new(answer.Id, ReadDisease.IsAnswer(answer.Classes, answer.PositiveIndex, answer.PredictedIndex) ?? false);
    }

    async Task ReadAsync(RecordReading record, Turn turn, ChosenTime chosen, SplitMix64 random, CancellationToken cancellation)
    {
        chosen.Now = turn.Film.ReceivedAt.AddMinutes(40 + (90 * turn.Index) + random.Below(60));
        var drawn = OpinionOf(turn.Film.Kind);
        var opinion = random.NextDouble() < Readers[turn.Index].Right ? drawn : Other(drawn, random);
        var confidence = 2 + random.Below(4);
        Count(await record.RunAsync(
            new(Submission(turn, 0), turn.Study, ReadingStage.Blind, opinion, confidence, null, null, null, null), turn.Reader,
            cancellation));

        chosen.Now += TimeSpan.FromSeconds(20 + random.Below(60));
        // Some are persuaded by an answer that is not theirs.
        var final = turn.Shown is { IsDisease: var isDisease } && isDisease != (opinion == Opinion.Covid19) && random.NextDouble() < 0.35
            ? isDisease ? Opinion.Covid19 : Opinion.OtherFinding
            : opinion;
        bool? agrees = turn.Shown is { } shown ? ReadingRules.ImpliedAgreement(final, shown.IsDisease) ?? random.NextDouble() < 0.8 : null;
        bool? useful = turn.Shown is null ? null : random.NextDouble() < 0.6;
        Count(await record.RunAsync(
            new(
                Submission(turn, 1), turn.Study, ReadingStage.Final, final, confidence, agrees, useful, null, turn.Shown?.PredictionId),
            turn.Reader, cancellation));
    }

    void Count(RecordReadingResult result) => _refused += result is RecordReadingResult.Refused ? 1 : 0;

    async Task EnterAsync(
        RecordReference enter, DemonstrationFilm film, Guid study, ChosenTime chosen, Actor lead, CancellationToken cancellation)
    {
        var random = new SplitMix64(0xDE42, film.Number);
        if (random.NextDouble() < 0.7)
        {
            chosen.Now = film.ReceivedAt.AddDays(1);
            var isIll = film.Kind == PhantomKind.BilateralOpacities;
            // A swab misses some.
            var result = isIll && random.NextDouble() > 0.05 ? ReferenceResult.Positive : ReferenceResult.Negative;
            var entered = await enter.RunAsync(new(new(study, null, null), ReferenceSource.RtPcr, result, film.Day), lead, cancellation);
            _refused += entered is RecordReferenceResult.Refused ? 1 : 0;
        }
    }

    static Opinion OpinionOf(PhantomKind kind) => kind switch
    {
        PhantomKind.BilateralOpacities => Opinion.Covid19,
        PhantomKind.LobarOpacity => Opinion.OtherPneumonia,
        _ => Opinion.Normal,
    };

    static Opinion Other(Opinion drawn, SplitMix64 random)
    {
        Opinion[] others = [.. Enum.GetValues<Opinion>().Where(o => o != drawn)];
        return others[random.Below(others.Length)];
    }

    // The same for the same turn: what an interrupted run has recorded is recorded once.
    static Guid Submission(Turn turn, int stage) => Submission(turn.Film.Number, turn.Index, stage);

    static Guid Submission(int film, int reader, int stage) => new(0xDE40, (short)film, (short)((reader * 2) + stage), new byte[8]);
}
