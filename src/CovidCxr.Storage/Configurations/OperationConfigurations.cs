using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ModelVersionConfiguration : IEntityTypeConfiguration<ModelVersion>
{
    public void Configure(EntityTypeBuilder<ModelVersion> builder)
    {
        builder.HasIndex(m => m.Number).IsUnique();
        builder.HasIndex(m => m.Sha256).IsUnique();
        builder.HasIndex(m => m.IsActive).IsUnique().HasFilter("\"IsActive\" = 1");
    }
}

sealed class JobConfiguration : IEntityTypeConfiguration<Job>
{
    public void Configure(EntityTypeBuilder<Job> builder)
    {
        builder.Property(j => j.Kind).HasMaxLength(50);
        builder.HasIndex(j => new { j.State, j.NotBefore });
    }
}

sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.Property(a => a.Detail).HasMaxLength(500);
        builder.Property(a => a.UserName).HasMaxLength(256);
        builder.HasIndex(a => a.At);
        builder.HasIndex(a => a.UserName);
        builder.HasIndex(a => a.StudyId);
    }
}
