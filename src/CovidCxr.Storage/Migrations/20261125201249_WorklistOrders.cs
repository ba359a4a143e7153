using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class WorklistOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Studies_AgeYears",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Probability",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReadCount_ReceivedAt",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReceivedAt",
                table: "Studies");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_AgeYears_Id",
                table: "Studies",
                columns: new[] { "AgeYears", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PatientNumber", "ReceivedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Probability_Id",
                table: "Studies",
                columns: new[] { "Probability", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReceivedAt", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Studies_AgeYears_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Probability_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_AgeYears",
                table: "Studies",
                column: "AgeYears");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt",
                table: "Studies",
                columns: new[] { "PatientNumber", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Probability",
                table: "Studies",
                column: "Probability");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReadCount_ReceivedAt",
                table: "Studies",
                columns: new[] { "ReadCount", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReceivedAt",
                table: "Studies",
                column: "ReceivedAt");
        }
    }
}
