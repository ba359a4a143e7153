using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class TrainingRunConfiguration : IEntityTypeConfiguration<TrainingRun>
{
    public void Configure(EntityTypeBuilder<TrainingRun> builder)
    {
        builder.Property(r => r.Name).HasMaxLength(100);
        builder.Property(r => r.Architecture).HasMaxLength(50);
        builder.Property(r => r.StartedByName).HasMaxLength(256);
        builder.Property(r => r.Message).HasMaxLength(2000);
        builder.Property(r => r.PlanHash).HasMaxLength(64);
        // Table and column keep the names under which they were made.
        builder.ToTable("RetrainingRuns");
        builder.Property(r => r.Request).HasColumnName("Wish");
        builder.HasIndex(r => r.Number).IsUnique();
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(r => r.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<DataSetVersion>().WithMany().HasForeignKey(r => r.DataSetVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}

sealed class DataSetVersionConfiguration : IEntityTypeConfiguration<DataSetVersion>
{
    public void Configure(EntityTypeBuilder<DataSetVersion> builder)
    {
        builder.Property(v => v.Name).HasMaxLength(100);
        builder.Property(v => v.Change).HasMaxLength(300);
        builder.Property(v => v.Message).HasMaxLength(2000);
        builder.Property(v => v.CreatedByName).HasMaxLength(256);
        builder.Property(v => v.ManifestHash).HasMaxLength(64);
        builder.HasIndex(v => new { v.SetId, v.Number }).IsUnique();
        builder.HasOne<DataSetVersion>().WithMany().HasForeignKey(v => v.ParentId).OnDelete(DeleteBehavior.Restrict);
    }
}
