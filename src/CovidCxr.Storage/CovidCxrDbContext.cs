using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Runs;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage.Configurations;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage;

/// <summary>The database. One context per operation, from the factory.</summary>
public sealed class CovidCxrDbContext(DbContextOptions<CovidCxrDbContext> options)
    : IdentityDbContext<Account, IdentityRole<Guid>, Guid>(options)
{
    /// <summary>Without the withdrawn ones, whatever the query.</summary>
    public DbSet<Study> Studies => Set<Study>();

    /// <summary>The withdrawn ones too.</summary>
    public IQueryable<Study> AllStudies => Studies.IgnoreQueryFilters();

    public DbSet<StudyAppearance> StudyAppearances => Set<StudyAppearance>();

    public DbSet<StudyChange> StudyChanges => Set<StudyChange>();

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

    public DbSet<OutgoingResult> OutgoingResults => Set<OutgoingResult>();

    public DbSet<ResultDestination> ResultDestinations => Set<ResultDestination>();

    public DbSet<AccountSession> AccountSessions => Set<AccountSession>();

    public DbSet<ApiClient> ApiClients => Set<ApiClient>();

    public DbSet<ApiSubmission> ApiSubmissions => Set<ApiSubmission>();

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(CovidCxrDbContext).Assembly);
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
