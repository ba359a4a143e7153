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
    const string InUse = "NOT \"IsWithdrawn\"", IsUrgent = "\"Urgency\" IS NOT NULL";

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

        builder.Property(s => s.WaitsUrgently).HasComputedColumnSql($"({IsUrgent} AND \"ReadCount\" = 0)", stored: false);
        // What nobody thought of leaves a withdrawn study out. Whoever wants it says so: CovidCxrDbContext.AllStudies.
        builder.HasQueryFilter(s => !s.IsWithdrawn);
        builder.HasIndex(s => s.PixelHash).IsUnique();
        builder.HasIndex(s => s.CopyOf).HasFilter("\"CopyOf\" IS NOT NULL");
        // Every DICOM file that comes in asks whether its study is here.
        builder.HasIndex(s => s.DicomStudyUid).HasFilter("\"DicomStudyUid\" IS NOT NULL");
        // The worklist's orders and filters; the first serves the default: unread first, of these the urgent, of each the newest.
        foreach (var index in WorklistIndexes(builder))
        {
            index.HasFilter(InUse);
        }

        // Few, and asked for with every page.
        builder.HasIndex(s => new { s.ReadCount, s.WaitsUrgently, s.ReceivedAt, s.Id }, "IX_Studies_Urgent")
            .IsDescending(false, true, true, true).HasFilter($"{IsUrgent} AND {InUse}");
    }

    static IndexBuilder<Study>[] WorklistIndexes(EntityTypeBuilder<Study> builder) =>
    [
        builder.HasIndex(s => new { s.ReadCount, s.WaitsUrgently, s.ReceivedAt, s.Id }).IsDescending(false, true, true, true),
        builder.HasIndex(s => new { s.ReceivedAt, s.Id }),
        builder.HasIndex(s => new { s.PatientNumber, s.ReceivedAt, s.Id }),
        builder.HasIndex(s => new { s.Status, s.ReadCount, s.WaitsUrgently, s.ReceivedAt, s.Id })
            .IsDescending(false, false, true, true, true),
        builder.HasIndex(s => new { s.AgeYears, s.Id }),
        builder.HasIndex(s => new { s.PredictedClass, s.ReadCount, s.WaitsUrgently, s.ReceivedAt, s.Id })
            .IsDescending(false, false, true, true, true),
        builder.HasIndex(s => new { s.AssignedTo, s.ReadCount, s.WaitsUrgently, s.ReceivedAt, s.Id })
            .IsDescending(false, false, true, true, true),
        builder.HasIndex(s => new { s.Probability, s.Id }),
    ];
}

sealed class StudyImageConfiguration : IEntityTypeConfiguration<StudyImage>
{
    public void Configure(EntityTypeBuilder<StudyImage> builder)
    {
        builder.Property(i => i.PixelHash).HasMaxLength(64);
        builder.Property(i => i.ImageKey).HasMaxLength(32);
        builder.Property(i => i.WithheldReason).HasMaxLength(500);
        foreach (var code in new[] { "Laterality", "BodyPart", "Modality", "PresentationIntent" })
        {
            builder.Property<string?>(code).HasMaxLength(16);
        }

        foreach (var text in new[] { "DicomStudyUid", "DicomSeriesUid", "DicomInstanceUid" })
        {
            builder.Property<string?>(text).HasMaxLength(64);
        }

        builder.HasOne<Study>().WithMany().HasForeignKey(i => i.StudyId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(i => i.StudyId);
        // That no study has the same either is seen in the transaction that adds the row: it is the only writer then.
        builder.HasIndex(i => i.PixelHash).IsUnique();
        builder.HasIndex(i => i.DicomStudyUid).HasFilter("\"DicomStudyUid\" IS NOT NULL");
        builder.HasIndex(i => i.DicomInstanceUid).HasFilter("\"DicomInstanceUid\" IS NOT NULL");
        // Few, and asked for with every page of the worklist.
        builder.HasIndex(i => i.IsLate).HasFilter("\"IsLate\"");
    }
}

sealed class StudyAppearanceConfiguration : IEntityTypeConfiguration<StudyAppearance>
{
    public void Configure(EntityTypeBuilder<StudyAppearance> builder)
    {
        builder.Property(a => a.Hash).HasMaxLength(64);
        builder.HasOne<Study>().WithMany().HasForeignKey(a => a.StudyId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(a => a.StudyId);
        builder.HasIndex(a => a.ImageId).IsUnique().HasFilter("\"ImageId\" IS NOT NULL");
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

sealed class SavedFilterConfiguration : IEntityTypeConfiguration<SavedFilter>
{
    public void Configure(EntityTypeBuilder<SavedFilter> builder)
    {
        builder.Property(f => f.Name).HasMaxLength(SavedFilter.MaxName).UseCollation("NOCASE");
        builder.Property(f => f.Query).HasMaxLength(SavedFilter.MaxQuery);
        builder.HasIndex(f => new { f.OwnerId, f.Name }).IsUnique();
        builder.HasIndex(f => f.OwnerId).IsUnique().HasFilter("\"IsDefault\"");
    }
}

sealed class PredictionConfiguration : IEntityTypeConfiguration<Prediction>
{
    public void Configure(EntityTypeBuilder<Prediction> builder)
    {
        builder.Property(p => p.Classes).HasConversion<JsonListConverter<string>>(JsonListConverter<string>.Comparer);
        builder.Property(p => p.Probabilities).HasConversion<JsonListConverter<double>>(JsonListConverter<double>.Comparer);
        builder.Property(p => p.SeverityZones).HasConversion<JsonListConverter<double>>(JsonListConverter<double>.Comparer)
            .HasDefaultValueSql("'[]'");
        builder.Property(p => p.LungScores).HasConversion<JsonListConverter<LungScore>>(JsonListConverter<LungScore>.Comparer)
            .HasDefaultValueSql("'[]'");
        builder.Property(p => p.Device).HasMaxLength(100);
        builder.HasOne<Study>().WithMany().HasForeignKey(p => p.StudyId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(p => p.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
