using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ReferenceFindingConfiguration : IEntityTypeConfiguration<ReferenceFinding>
{
    public void Configure(EntityTypeBuilder<ReferenceFinding> builder)
    {
        builder.Property(f => f.EnteredByName).HasMaxLength(256);
        builder.Property(f => f.Basis).HasMaxLength(ReferenceFinding.MaxBasisLength);
        builder.HasOne<Study>().WithMany().HasForeignKey(f => f.StudyId).OnDelete(DeleteBehavior.Restrict);
        // A study has one line of findings per source, and each finding one successor: two racing entries cannot both stand.
        builder.HasIndex(f => new { f.StudyId, f.Source }).IsUnique().HasFilter("\"SupersedesId\" IS NULL");
        builder.HasIndex(f => f.SupersedesId).IsUnique().HasFilter("\"SupersedesId\" IS NOT NULL");
        builder.HasIndex(f => new { f.StudyId, f.Source, f.Result });
    }
}
