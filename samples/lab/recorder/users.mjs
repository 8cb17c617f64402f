const IDS = [
  '5c1f3a52-0a4e-4a0b-9c55-2b6e0c1d9f01',
  'a81e6c0d-7d3b-4c58-8f0a-93b1f7e2c402',
  '0f7b92e4-55a1-4be7-b1c9-6d20c8a4e703',
  'd2c4e8a6-1b9f-4d37-a6e2-08f5b3c7d104',
  '73a9d0c1-e2f4-4968-9b3d-c5e7a1f06205',
  '9e5d7b83-c6a0-41f2-8d4b-f1a3e9c52806',
  '4b08f6d2-93e7-4c1a-b5f8-7a2d6e0c9307',
  'e6a2c19f-48d5-4b70-92ec-5f8b1d3a7408',
];
const NAMES = ['ada', 'ben', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hana'];

/** The first n of the lab's users. */
export const users = (n) =>
  IDS.slice(0, n).map((id, i) => ({ id, email: `${NAMES[i]}@example.com` }));
