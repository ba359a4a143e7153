using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ReadingConfiguration : IEntityTypeConfiguration<Reading>
{
    public void Configure(EntityTypeBuilder<Reading> builder)
    {
        builder.Property(r => r.Note).HasMaxLength(ReadingRules.MaxNoteLength);
        builder.HasOne<Study>().WithMany().HasForeignKey(r => r.StudyId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(r => new { r.StudyId, r.ReaderId });
        builder.HasIndex(r => r.SubmissionId).IsUnique();
        // One correction per reading, and one blind or finished first reading per reader: two racing submissions cannot both stand.
        builder.HasIndex(r => r.SupersedesId).IsUnique().HasFilter("\"SupersedesId\" IS NOT NULL");
        builder.HasIndex(r => new { r.StudyId, r.ReaderId, r.Stage }).IsUnique().HasFilter("\"SupersedesId\" IS NULL");
    }
}

sealed class DisclosureConfiguration : IEntityTypeConfiguration<Disclosure>
{
    public void Configure(EntityTypeBuilder<Disclosure> builder)
    {
        builder.HasKey(d => new { d.ReaderId, d.StudyId });
        builder.HasOne<Study>().WithMany().HasForeignKey(d => d.StudyId).OnDelete(DeleteBehavior.Restrict);
    }
}

sealed class KeptDraftConfiguration : IEntityTypeConfiguration<KeptDraft>
{
    public void Configure(EntityTypeBuilder<KeptDraft> builder)
    {
        builder.HasKey(d => new { d.ReaderId, d.StudyId });
        builder.HasOne<Study>().WithMany().HasForeignKey(d => d.StudyId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(d => d.Note).HasMaxLength(ReadingRules.MaxNoteLength);
    }
}

sealed class ReadingPolicyChangeConfiguration : IEntityTypeConfiguration<ReadingPolicyChange>
{
    public void Configure(EntityTypeBuilder<ReadingPolicyChange> builder)
    {
        builder.Property(c => c.ChangedByName).HasMaxLength(256);
        builder.Property(c => c.Reason).HasMaxLength(ReadingPolicyChange.MaxReasonLength);
    }
}

sealed class ReadRequestConfiguration : IEntityTypeConfiguration<ReadRequest>
{
    public void Configure(EntityTypeBuilder<ReadRequest> builder)
    {
        builder.HasOne<Study>().WithMany().HasForeignKey(r => r.StudyId).OnDelete(DeleteBehavior.Restrict);
        // Nobody is asked twice for one study, and the lot draws it once.
        builder.HasIndex(r => new { r.StudyId, r.ReaderId }).IsUnique();
        builder.HasIndex(r => r.StudyId).IsUnique().HasFilter("\"ReaderId\" IS NULL");
        builder.HasIndex(r => new { r.ReaderId, r.StudyId });
    }
}

sealed class QualitySettingsConfiguration : IEntityTypeConfiguration<QualitySettings>
{
    public void Configure(EntityTypeBuilder<QualitySettings> builder) => builder.Property(c => c.ChangedByName).HasMaxLength(256);
}

sealed class QualityAlertConfiguration : IEntityTypeConfiguration<QualityAlert>
{
    public void Configure(EntityTypeBuilder<QualityAlert> builder)
    {
        builder.Property(a => a.AcknowledgedByName).HasMaxLength(256);
        builder.HasOne<ModelVersion>().WithMany().HasForeignKey(a => a.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        // Two processes that look at the same time raise one. Nulls are unlike each other, so those of no version need an index of their
        // own.
        builder.HasIndex(a => new { a.Kind, a.PeriodFrom, a.ModelVersionId }).IsUnique();
        builder.HasIndex(a => new { a.Kind, a.PeriodFrom }).IsUnique().HasFilter("\"ModelVersionId\" IS NULL");
        builder.HasIndex(a => a.AcknowledgedAt);
    }
}
