using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class TherapyNoteConfiguration : IEntityTypeConfiguration<TherapyNote>
{
    public void Configure(EntityTypeBuilder<TherapyNote> builder)
    {
        builder.Property(n => n.PatientNumber).HasMaxLength(64).UseCollation("NOCASE");
        builder.Property(n => n.Text).HasMaxLength(TherapyNote.MaxText);
        builder.Property(n => n.CreatedByName).HasMaxLength(256);
        builder.Property(n => n.StruckByName).HasMaxLength(256);
        builder.Property(n => n.StruckReason).HasMaxLength(StudyChange.MaxReason);
        builder.HasIndex(n => n.PatientNumber);
    }
}

sealed class TherapyNoteMoveConfiguration : IEntityTypeConfiguration<TherapyNoteMove>
{
    public void Configure(EntityTypeBuilder<TherapyNoteMove> builder)
    {
        builder.Property(m => m.Before).HasMaxLength(64);
        builder.Property(m => m.After).HasMaxLength(64);
        builder.HasOne<TherapyNote>().WithMany().HasForeignKey(m => m.NoteId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(m => m.ActionId);
    }
}
