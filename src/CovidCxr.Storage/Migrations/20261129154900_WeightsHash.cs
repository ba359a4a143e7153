using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class WeightsHash : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "WeightsSha256",
                table: "ModelVersions",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_ModelVersions_WeightsSha256",
                table: "ModelVersions",
                column: "WeightsSha256");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ModelVersions_WeightsSha256",
                table: "ModelVersions");

            migrationBuilder.DropColumn(
                name: "WeightsSha256",
                table: "ModelVersions");
        }
    }
}
