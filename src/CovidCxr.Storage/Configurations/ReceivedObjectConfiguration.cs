using CovidCxr.Domain.Hospital;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ReceivedObjectConfiguration : IEntityTypeConfiguration<ReceivedObject>
{
    public void Configure(EntityTypeBuilder<ReceivedObject> builder)
    {
        builder.Property(r => r.CallingAe).HasMaxLength(ReceivedObject.MaxSender);
        builder.Property(r => r.Host).HasMaxLength(64);
        builder.Property(r => r.InstanceUid).HasMaxLength(64);
        builder.Property(r => r.Sha256).HasMaxLength(64);
        builder.Property(r => r.Reason).HasMaxLength(500);
        builder.HasIndex(r => new { r.State, r.Id });
        builder.HasIndex(r => r.InstanceUid);
        builder.HasIndex(r => r.Sha256);
        builder.HasIndex(r => r.StudyId);
    }
}
