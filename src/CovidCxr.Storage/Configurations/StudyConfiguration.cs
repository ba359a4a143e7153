using System.Text.Json;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CovidCxr.Storage.Configurations;

sealed class StudyConfiguration : IEntityTypeConfiguration<Study>
{
    // In the words in which a query asks, so that these indexes answer it.
    const string InUse = "NOT \"IsWithdrawn\"";

    public void Configure(EntityTypeBuilder<Study> builder)
    {
        builder.Property(s => s.PatientNumber).HasMaxLength(64).UseCollation("NOCASE");
        builder.Property(s => s.PixelHash).HasMaxLength(64);
        builder.Property(s => s.ImageKey).HasMaxLength(32);
        builder.Property(s => s.StatusReason).HasMaxLength(500);
        builder.Property(s => s.ScoreDemandReason).HasMaxLength(500);
        foreach (var code in new[] { "Laterality", "BodyPart", "Modality", "PresentationIntent" })
        {
            builder.Property<string?>(code).HasMaxLength(16);
        }

        foreach (var text in new[] { "AccessionNumber", "DicomStudyUid", "DicomSeriesUid", "DicomInstanceUid" })
        {
            builder.Property<string?>(text).HasMaxLength(64);
        }

        // What nobody thought of leaves a withdrawn study out. Whoever wants it says so: CovidCxrDbContext.AllStudies.
        builder.HasQueryFilter(s => !s.IsWithdrawn);
        builder.HasIndex(s => s.PixelHash).IsUnique();
        builder.HasIndex(s => s.CopyOf).HasFilter("\"CopyOf\" IS NOT NULL");
        // The worklist's orders and filters; the first serves the default, unread and newest first.
        foreach (var index in WorklistIndexes(builder))
        {
            index.HasFilter(InUse);
        }
    }

    static IndexBuilder<Study>[] WorklistIndexes(EntityTypeBuilder<Study> builder) =>
    [
        builder.HasIndex(s => new { s.ReadCount, s.ReceivedAt, s.Id }).IsDescending(false, true, true),
        builder.HasIndex(s => new { s.ReceivedAt, s.Id }),
        builder.HasIndex(s => new { s.PatientNumber, s.ReceivedAt, s.Id }),
        builder.HasIndex(s => new { s.Status, s.ReadCount, s.ReceivedAt, s.Id }).IsDescending(false, false, true, true),
        builder.HasIndex(s => new { s.AgeYears, s.Id }),
        builder.HasIndex(s => new { s.PredictedClass, s.ReadCount, s.ReceivedAt, s.Id }).IsDescending(false, false, true, true),
        builder.HasIndex(s => new { s.Probability, s.Id }),
    ];
}

sealed class StudyAppearanceConfiguration : IEntityTypeConfiguration<StudyAppearance>
{
    public void Configure(EntityTypeBuilder<StudyAppearance> builder)
    {
        builder.Property(a => a.Hash).HasMaxLength(64);
        builder.HasOne<Study>().WithMany().HasForeignKey(a => a.StudyId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(a => a.StudyId).IsUnique();
    }
}

sealed class StudyChangeConfiguration : IEntityTypeConfiguration<StudyChange>
{
    public void Configure(EntityTypeBuilder<StudyChange> builder)
    {
        builder.Ignore(c => c.Kind);
        builder.Property(c => c.Before).HasConversion<ParticularsConverter>();
        builder.Property(c => c.After).HasConversion<ParticularsConverter>();
        builder.Property(c => c.Reason).HasMaxLength(StudyChange.MaxReason);
        builder.Property(c => c.ChangedByName).HasMaxLength(256);
        builder.HasOne<Study>().WithMany().HasForeignKey(c => c.StudyId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(c => new { c.StudyId, c.Id });
        builder.HasIndex(c => c.ActionId);
        // A change is undone once.
        builder.HasIndex(c => c.UndoesId).IsUnique().HasFilter("\"UndoesId\" IS NOT NULL");
    }

    sealed class ParticularsConverter() : ValueConverter<StudyParticulars, string>(
        p => JsonSerializer.Serialize(p, JsonSerializerOptions.Default),
        text => JsonSerializer.Deserialize<StudyParticulars>(text, JsonSerializerOptions.Default)!);
}

sealed class PredictionConfiguration : IEntityTypeConfiguration<Prediction>
{
    public void Configure(EntityTypeBuilder<Prediction> builder)
    {
        builder.Property(p => p.Classes).HasConversion<JsonListConverter<string>>(JsonListConverter<string>.Comparer);
        builder.Property(p => p.Probabilities).HasConversion<JsonListConverter<double>>(JsonListConverter<double>.Comparer);
        builder.Property(p => p.SeverityZones).HasConversion<JsonListConverter<double>>(JsonListConverter<double>.Comparer)
            .HasDefaultValueSql("'[]'");
        builder.Property(p => p.Device).HasMaxLength(100);
        builder.HasOne<Study>().WithMany().HasForeignKey(p => p.StudyId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(p => p.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
