using System.Data;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Runs;
using CovidCxr.Domain.Studies;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Storage.Configurations;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage;

/// <summary>The database. One context per operation, from the factory.</summary>
public class CovidCxrDbContext(DbContextOptions<CovidCxrDbContext> options)
    : IdentityDbContext<Account, IdentityRole<Guid>, Guid>(options)
{
    /// <summary>The context of the database that the options name.</summary>
    public static CovidCxrDbContext Open(DbContextOptions<CovidCxrDbContext> options) =>
        PostgreSqlRegistration.IsMeant(options) ? new PostgreSqlDbContext(options) : new CovidCxrDbContext(options);

    /// <summary>For statements that the two databases have different words for.</summary>
    public bool IsPostgreSql => this is PostgreSqlDbContext;

    /// <summary>Without the withdrawn ones, whatever the query.</summary>
    public DbSet<Study> Studies => Set<Study>();

    /// <summary>The withdrawn ones too.</summary>
    public IQueryable<Study> AllStudies => Studies.IgnoreQueryFilters();

    /// <summary>Further images, those of withdrawn studies too: ask for them by the study.</summary>
    public DbSet<StudyImage> StudyImages => Set<StudyImage>();

    public DbSet<StudyAppearance> StudyAppearances => Set<StudyAppearance>();

    public DbSet<StudyChange> StudyChanges => Set<StudyChange>();

    public DbSet<TherapyNote> TherapyNotes => Set<TherapyNote>();

    public DbSet<TherapyNoteMove> TherapyNoteMoves => Set<TherapyNoteMove>();

    public DbSet<SavedFilter> SavedFilters => Set<SavedFilter>();

    public DbSet<Prediction> Predictions => Set<Prediction>();

    public DbSet<Reading> Readings => Set<Reading>();

    public DbSet<Disclosure> Disclosures => Set<Disclosure>();

    public DbSet<KeptDraft> KeptDrafts => Set<KeptDraft>();

    public DbSet<ReadingPolicyChange> PolicyChanges => Set<ReadingPolicyChange>();

    public DbSet<ReferenceFinding> ReferenceFindings => Set<ReferenceFinding>();

    public DbSet<ReadRequest> ReadRequests => Set<ReadRequest>();

    public DbSet<QualitySettings> QualitySettings => Set<QualitySettings>();

    public DbSet<QualityAlert> QualityAlerts => Set<QualityAlert>();

    public DbSet<ModelVersion> ModelVersions => Set<ModelVersion>();

    public DbSet<GateResult> GateResults => Set<GateResult>();

    public DbSet<ModelSignature> ModelSignatures => Set<ModelSignature>();

    public DbSet<LocalAcceptance> LocalAcceptances => Set<LocalAcceptance>();

    public DbSet<ShadowPeriod> ShadowPeriods => Set<ShadowPeriod>();

    public DbSet<ShadowPrediction> ShadowPredictions => Set<ShadowPrediction>();

    public DbSet<ModelPeriod> ModelPeriods => Set<ModelPeriod>();

    public DbSet<GoldenAnswer> GoldenAnswers => Set<GoldenAnswer>();

    public DbSet<ModelNoticeSeen> ModelNotices => Set<ModelNoticeSeen>();

    public DbSet<TrainingRun> TrainingRuns => Set<TrainingRun>();

    public DbSet<DataSetVersion> DataSetVersions => Set<DataSetVersion>();

    public DbSet<ReceivedObject> ReceivedObjects => Set<ReceivedObject>();

    public DbSet<ReceivedMessage> ReceivedMessages => Set<ReceivedMessage>();

    public DbSet<OutgoingResult> OutgoingResults => Set<OutgoingResult>();

    public DbSet<ResultDestination> ResultDestinations => Set<ResultDestination>();

    public DbSet<AccountSession> AccountSessions => Set<AccountSession>();

    public DbSet<ApiClient> ApiClients => Set<ApiClient>();

    public DbSet<ApiSubmission> ApiSubmissions => Set<ApiSubmission>();

    public DbSet<WebhookMessage> WebhookMessages => Set<WebhookMessage>();

    public DbSet<WebhookAddress> WebhookAddresses => Set<WebhookAddress>();

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    /// <summary>
    /// Removes a study that never counted, with what models said of it. Where anybody has said anything of it, the database refuses.
    /// </summary>
    public async Task RemoveUnreadAsync(Guid study, CancellationToken cancellation)
    {
        await ShadowPredictions.Where(p => p.StudyId == study).ExecuteDeleteAsync(cancellation);
        await Predictions.Where(p => p.StudyId == study).ExecuteDeleteAsync(cancellation);
        await Disclosures.Where(d => d.StudyId == study).ExecuteDeleteAsync(cancellation);
        await AllStudies.Where(s => s.Id == study).ExecuteDeleteAsync(cancellation);
    }

    /// <summary>One state of the database for all queries until the end, without a writer waiting for it; for reading alone.</summary>
    public async Task<IAsyncDisposable> BeginReadAsync(CancellationToken cancellation)
    {
        if (IsPostgreSql)
        {
            return await Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        }

        await Database.OpenConnectionAsync(cancellation);
        var deferred = ((SqliteConnection)Database.GetDbConnection()).BeginTransaction(deferred: true);
        await Database.UseTransactionAsync(deferred, cancellation);
        return deferred;
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(CovidCxrDbContext).Assembly);
        builder.Entity<Account>(account =>
        {
            account.Property(a => a.FullName).HasMaxLength(Account.MaxFullName);
            account.Property(a => a.ShownName).HasComputedColumnSql(
                "CASE WHEN FullName IS NULL THEN UserName ELSE FullName || ' (' || UserName || ')' END", stored: false);
        });
        // As Identity's schema version 3 has it. Identity itself takes the version from the services of a program, which a context of a
        // test, a backup or a migration has none of.
        builder.Entity<IdentityUserPasskey<Guid>>(passkey =>
        {
            passkey.HasKey(p => p.CredentialId);
            passkey.ToTable("AspNetUserPasskeys");
            // WebAuthn's names of credentials are shorter.
            passkey.Property(p => p.CredentialId).HasMaxLength(1024);
            passkey.OwnsOne(p => p.Data).ToJson();
            passkey.HasOne<Account>().WithMany().HasForeignKey(p => p.UserId).IsRequired();
        });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite sorts text; ticks in UTC sort as times do.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<TimeSpan>().HaveConversion<long>();
    }
}
