using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class StudyConfiguration : IEntityTypeConfiguration<Study>
{
    public void Configure(EntityTypeBuilder<Study> builder)
    {
        builder.Property(s => s.PatientNumber).HasMaxLength(64).UseCollation("NOCASE");
        builder.Property(s => s.PixelHash).HasMaxLength(64);
        builder.Property(s => s.ImageKey).HasMaxLength(32);
        builder.Property(s => s.StatusReason).HasMaxLength(500);
        builder.Property(s => s.ScoreDemandReason).HasMaxLength(500);
        builder.HasIndex(s => s.PixelHash).IsUnique();
        // The worklist's orders and filters; the first serves the default, unread and newest first.
        builder.HasIndex(s => new { s.ReadCount, s.ReceivedAt, s.Id }).IsDescending(false, true, true);
        builder.HasIndex(s => new { s.ReceivedAt, s.Id });
        builder.HasIndex(s => new { s.PatientNumber, s.ReceivedAt, s.Id });
        builder.HasIndex(s => new { s.Status, s.ReadCount, s.ReceivedAt, s.Id }).IsDescending(false, false, true, true);
        builder.HasIndex(s => new { s.AgeYears, s.Id });
        builder.HasIndex(s => new { s.PredictedClass, s.ReadCount, s.ReceivedAt, s.Id }).IsDescending(false, false, true, true);
        builder.HasIndex(s => new { s.Probability, s.Id });
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
        builder.Property(p => p.Device).HasMaxLength(100);
        builder.HasOne<Study>().WithMany().HasForeignKey(p => p.StudyId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(p => p.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
