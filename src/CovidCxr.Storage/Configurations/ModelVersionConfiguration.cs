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
        builder.Property(m => m.WeightsSha256).HasMaxLength(64);
        builder.HasIndex(m => m.WeightsSha256);
        builder.HasIndex(m => m.IsActive).IsUnique().HasFilter("\"IsActive\" = 1");
    }
}

sealed class GateResultConfiguration : IEntityTypeConfiguration<GateResult>
{
    public void Configure(EntityTypeBuilder<GateResult> builder)
    {
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(g => g.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(g => g.RunId).IsUnique();
    }
}

sealed class ModelSignatureConfiguration : IEntityTypeConfiguration<ModelSignature>
{
    public void Configure(EntityTypeBuilder<ModelSignature> builder)
    {
        builder.Property(s => s.EvidenceHash).HasMaxLength(64);
        builder.Property(s => s.SignedByName).HasMaxLength(256);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(s => s.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}

sealed class LocalAcceptanceConfiguration : IEntityTypeConfiguration<LocalAcceptance>
{
    public void Configure(EntityTypeBuilder<LocalAcceptance> builder)
    {
        builder.Property(a => a.EvidenceHash).HasMaxLength(64);
        builder.Property(a => a.Reason).HasMaxLength(LocalAcceptance.MaxReason);
        builder.Property(a => a.AcceptedByName).HasMaxLength(256);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(a => a.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(a => new { a.ModelVersionId, a.Id });
    }
}

sealed class ModelPeriodConfiguration : IEntityTypeConfiguration<ModelPeriod>
{
    public void Configure(EntityTypeBuilder<ModelPeriod> builder)
    {
        builder.Property(p => p.StartedByName).HasMaxLength(256);
        builder.HasIndex(p => p.Number).IsUnique();
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(p => p.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}

sealed class GoldenAnswerConfiguration : IEntityTypeConfiguration<GoldenAnswer>
{
    public void Configure(EntityTypeBuilder<GoldenAnswer> builder)
    {
        builder.Property(g => g.Program).HasMaxLength(256);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(g => g.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(g => new { g.ModelVersionId, g.Program }).IsUnique();
    }
}

sealed class ModelNoticeConfiguration : IEntityTypeConfiguration<ModelNoticeSeen>
{
    public void Configure(EntityTypeBuilder<ModelNoticeSeen> builder) => builder.HasKey(n => new { n.UserId, n.PeriodId });
}
