using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ShadowPeriodConfiguration : IEntityTypeConfiguration<ShadowPeriod>
{
    public void Configure(EntityTypeBuilder<ShadowPeriod> builder)
    {
        builder.Property(p => p.Reason).HasMaxLength(LocalAcceptance.MaxReason);
        builder.Property(p => p.EndReason).HasMaxLength(LocalAcceptance.MaxReason);
        builder.Property(p => p.StartedByName).HasMaxLength(256);
        builder.Property(p => p.EndedByName).HasMaxLength(256);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(p => p.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        // At most one at any moment.
        builder.HasIndex(p => p.IsOpen).IsUnique().HasFilter("\"IsOpen\" = 1");
    }
}

sealed class ShadowPredictionConfiguration : IEntityTypeConfiguration<ShadowPrediction>
{
    public void Configure(EntityTypeBuilder<ShadowPrediction> builder)
    {
        builder.HasOne<ShadowPeriod>().WithMany().HasForeignKey(p => p.PeriodId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<Study>().WithMany().HasForeignKey(p => p.StudyId).OnDelete(DeleteBehavior.Restrict);
        // A study is scored once.
        builder.HasIndex(p => new { p.PeriodId, p.StudyId }).IsUnique();
    }
}
