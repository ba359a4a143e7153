using CovidCxr.Domain.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.Property(a => a.Detail).HasMaxLength(AuditEntry.MaxTextLength);
        builder.Property(a => a.UserName).HasMaxLength(256);
        builder.Property(a => a.Source).HasMaxLength(AuditEntry.MaxSourceLength);
        builder.Property(a => a.Before).HasMaxLength(AuditEntry.MaxTextLength);
        builder.Property(a => a.After).HasMaxLength(AuditEntry.MaxTextLength);
        builder.HasIndex(a => a.At);
        builder.HasIndex(a => a.UserName);
        builder.HasIndex(a => a.StudyId);
    }
}
